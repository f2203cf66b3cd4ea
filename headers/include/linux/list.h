#ifndef MMTOP_LINUX_LIST_H
#define MMTOP_LINUX_LIST_H
#include <linux/types.h>
#include <linux/poison.h>
#define LIST_HEAD_INIT(name) {&(name), &(name)}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}
static inline void _mmtop_list_link(struct list_head *entry, struct list_head *before, struct list_head *after)
{
	after->prev = entry;
	entry->next = after;
	entry->prev = before;
	before->next = entry;
}
static inline void _mmtop_list_close(struct list_head *before, struct list_head *after)
{
	after->prev = before;
	before->next = after;
}
static inline void list_add(struct list_head *entry, struct list_head *head) { _mmtop_list_link(entry, head, head->next); }
static inline void list_add_tail(struct list_head *entry, struct list_head *head) { _mmtop_list_link(entry, head->prev, head); }
static inline void __list_del_entry(struct list_head *entry) { _mmtop_list_close(entry->prev, entry->next); }
static inline void list_del(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}
static inline void list_del_init(struct list_head *entry)
{
	__list_del_entry(entry);
	INIT_LIST_HEAD(entry);
}
static inline void list_replace(struct list_head *old, struct list_head *entry) { _mmtop_list_link(entry, old->prev, old->next); }
static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add(entry, head);
}
static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add_tail(entry, head);
}
static inline int list_empty(const struct list_head *head) { return head->next == head; }
#define list_empty_careful(head) list_empty(head)
static inline int list_is_singular(const struct list_head *head) { return !list_empty(head) && head->next == head->prev; }
static inline int list_is_last(const struct list_head *entry, const struct list_head *head) { return entry->next == head; }
static inline int list_is_first(const struct list_head *entry, const struct list_head *head) { return entry->prev == head; }
static inline void list_splice(struct list_head *list, struct list_head *head)
{
	struct list_head *after = head->next;
	if (list_empty(list))
		return;
	_mmtop_list_close(head, list->next);
	_mmtop_list_close(list->prev, after);
}
static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}
static inline void list_splice_tail(struct list_head *list, struct list_head *head) { list_splice(list, head->prev); }
static inline void list_splice_tail_init(struct list_head *list, struct list_head *head) { list_splice_init(list, head->prev); }
#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) (list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(each, member) list_entry((each)->member.next, __typeof__(*(each)), member)
#define list_prev_entry(each, member) list_entry((each)->member.prev, __typeof__(*(each)), member)
#define list_for_each(each, head) for ((each) = (head)->next; (each) != (head); (each) = (each)->next)
#define list_for_each_prev(each, head) for ((each) = (head)->prev; (each) != (head); (each) = (each)->prev)
#define list_for_each_safe(each, after, head) \
	for ((each) = (head)->next, (after) = (each)->next; (each) != (head); (each) = (after), (after) = (each)->next)
#define list_for_each_entry(each, head, member) \
	for ((each) = list_first_entry(head, __typeof__(*(each)), member); &(each)->member != (head); \
	     (each) = list_next_entry(each, member))
#define list_for_each_entry_reverse(each, head, member) \
	for ((each) = list_last_entry(head, __typeof__(*(each)), member); &(each)->member != (head); \
	     (each) = list_prev_entry(each, member))
#define list_for_each_entry_safe(each, after, head, member) \
	for ((each) = list_first_entry(head, __typeof__(*(each)), member), (after) = list_next_entry(each, member); \
	     &(each)->member != (head); (each) = (after), (after) = list_next_entry(after, member))
#define list_for_each_entry_continue(each, head, member) \
	for ((each) = list_next_entry(each, member); &(each)->member != (head); (each) = list_next_entry(each, member))

#define HLIST_HEAD_INIT {NULL}
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)
static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}
static inline int hlist_unhashed(const struct hlist_node *node) { return !node->pprev; }
static inline int hlist_empty(const struct hlist_head *head) { return !head->first; }
static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (head->first)
		head->first->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}
static inline void __hlist_del(struct hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}
static inline void hlist_del(struct hlist_node *node)
{
	__hlist_del(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}
static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_del(node);
	INIT_HLIST_NODE(node);
}
#define hlist_entry(pointer, type, member) container_of(pointer, type, member)
#define hlist_entry_safe(pointer, type, member) \
	({ struct hlist_node *_node = (pointer); _node ? hlist_entry(_node, type, member) : NULL; })
#define hlist_for_each(each, head) for ((each) = (head)->first; (each); (each) = (each)->next)
#define hlist_for_each_safe(each, after, head) \
	for ((each) = (head)->first; (each) && ({ (after) = (each)->next; 1; }); (each) = (after))
#if MMTOP_ERA >= 510
#define hlist_for_each_entry(each, head, member) \
	for ((each) = hlist_entry_safe((head)->first, __typeof__(*(each)), member); (each); \
	     (each) = hlist_entry_safe((each)->member.next, __typeof__(*(each)), member))
#define hlist_for_each_entry_safe(each, after, head, member) \
	for ((each) = hlist_entry_safe((head)->first, __typeof__(*(each)), member); \
	     (each) && ({ (after) = (each)->member.next; 1; }); \
	     (each) = hlist_entry_safe(after, __typeof__(*(each)), member))
#else
#define hlist_for_each_entry(each, node, head, member) \
	for ((node) = (head)->first; (node) && ({ (each) = hlist_entry(node, __typeof__(*(each)), member); 1; }); \
	     (node) = (node)->next)
#define hlist_for_each_entry_safe(each, node, after, head, member) \
	for ((node) = (head)->first; (node) && ({ (after) = (node)->next; 1; }) && \
	     ({ (each) = hlist_entry(node, __typeof__(*(each)), member); 1; }); (node) = (after))
#endif
#endif
