#ifndef MMTOP_LINUX_HASHTABLE_H
#define MMTOP_LINUX_HASHTABLE_H
#include <linux/list.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#define DEFINE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(name) ARRAY_SIZE(name)
#define HASH_BITS(name) __builtin_ctz(HASH_SIZE(name))
#define hash_init(table) __builtin_memset((table), 0, sizeof(table))
#define hash_add(table, node, key) hlist_add_head(node, &(table)[hash_long(key, HASH_BITS(table))])
#define hash_del(node) hlist_del_init(node)
#define hash_for_each(name, bucket, each, member) \
	for ((bucket) = 0, (each) = NULL; !(each) && (bucket) < HASH_SIZE(name); (bucket)++) \
		hlist_for_each_entry(each, &(name)[bucket], member)
#define hash_for_each_safe(name, bucket, after, each, member) \
	for ((bucket) = 0, (each) = NULL; !(each) && (bucket) < HASH_SIZE(name); (bucket)++) \
		hlist_for_each_entry_safe(each, after, &(name)[bucket], member)
#define hash_for_each_possible(name, each, member, key) \
	hlist_for_each_entry(each, &(name)[hash_long(key, HASH_BITS(name))], member)
#endif
