#ifndef MMTOP_LINUX_KREF_H
#define MMTOP_LINUX_KREF_H
#include <linux/atomic.h>
#include <linux/bug.h>
#define KREF_INIT(n) {ATOMIC_INIT(n)}
static inline void kref_init(struct kref *kref) { atomic_set(&kref->refcount, 1); }
static inline void kref_get(struct kref *kref) { WARN_ON(!atomic_read(&kref->refcount)); atomic_inc(&kref->refcount); }
static inline int kref_get_unless_zero(struct kref *kref) { return atomic_inc_not_zero(&kref->refcount); }
static inline int kref_read(struct kref *kref) { return atomic_read(&kref->refcount); }
static inline int kref_put(struct kref *kref, void (*release)(struct kref *))
{
	if (!atomic_dec_and_test(&kref->refcount))
		return 0;
	release(kref);
	return 1;
}
#endif
