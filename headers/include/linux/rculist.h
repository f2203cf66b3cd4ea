#ifndef MMTOP_LINUX_RCULIST_H
#define MMTOP_LINUX_RCULIST_H
#include <linux/list.h>
#include <linux/rcupdate.h>
#define list_add_rcu(entry, head) list_add(entry, head)
#define list_add_tail_rcu(entry, head) list_add_tail(entry, head)
/* The entry keeps its way on: a reader may stand on it. */
#define list_del_rcu(entry) do { \
	struct list_head *_gone = (entry); \
	_gone->next->prev = _gone->prev; \
	_gone->prev->next = _gone->next; \
	_gone->prev = (void *)0x122; \
} while (0)
static inline void list_replace_rcu(struct list_head *former, struct list_head *entry)
{
	entry->next = former->next;
	entry->prev = former->prev;
	rcu_assign_pointer(entry->prev->next, entry);
	entry->next->prev = entry;
	former->prev = (void *)0x122;
}
#define list_entry_rcu(pointer, type, member) container_of(rcu_dereference(pointer), type, member)
#define list_first_or_null_rcu(head, type, member) \
	(list_empty(head) ? NULL : list_entry_rcu((head)->next, type, member))
#define list_for_each_rcu(each, head) list_for_each(each, head)
#define list_for_each_entry_rcu(each, head, member...) list_for_each_entry(each, head, member)
#endif
