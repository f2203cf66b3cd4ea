#ifndef MMTOP_LINUX_RCUPDATE_H
#define MMTOP_LINUX_RCUPDATE_H
#include <linux/preempt.h>
#include <mmtop/compiler.h>
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *);
};
#define callback_head rcu_head
typedef void (*rcu_callback_t)(struct rcu_head *);
#define RCU_HEAD_INIT {NULL, NULL}
#define RCU_HEAD(name) struct rcu_head name = RCU_HEAD_INIT
#define INIT_RCU_HEAD(head) do { (head)->next = NULL; (head)->func = NULL; } while (0)
#define rcu_read_lock() preempt_disable()
#define rcu_read_unlock() preempt_enable()
#define rcu_read_lock_held() 1
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, condition) READ_ONCE(p)
#define rcu_dereference_protected(p, condition) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) do { barrier(); WRITE_ONCE(p, v); } while (0)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define rcu_replace_pointer(p, v, condition) ({ __typeof__(p) _former = (p); rcu_assign_pointer(p, v); _former; })
#if MMTOP_ERA < 232
extern void synchronize_kernel(void);
#endif
extern void synchronize_rcu(void);
extern void rcu_barrier(void);
extern void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *));
/* Frees what holds the head, after a grace period. */
extern void _mmtop_kfree_rcu(const void *object);
#if MMTOP_ERA >= 302
#define kfree_rcu(pointer, head...) _mmtop_kfree_rcu(pointer)
#define kfree_rcu_mightsleep(pointer) _mmtop_kfree_rcu(pointer)
#endif
#endif
