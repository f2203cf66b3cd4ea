#ifndef MMTOP_LINUX_RCULIST_H
#define MMTOP_LINUX_RCULIST_H
#include <linux/list.h>
#include <linux/rcupdate.h>
#define list_add_rcu(entry, head) list_add(entry, head)
#define list_add_tail_rcu(entry, head) list_add_tail(entry, head)
#define list_del_rcu(entry) list_del(entry)
#define list_for_each_entry_rcu(each, head, member...) list_for_each_entry(each, head, member)
#endif
