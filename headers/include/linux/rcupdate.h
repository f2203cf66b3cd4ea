#ifndef MMTOP_LINUX_RCUPDATE_H
#define MMTOP_LINUX_RCUPDATE_H
#include <linux/preempt.h>
#define rcu_read_lock() preempt_disable()
#define rcu_read_unlock() preempt_enable()
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) do { barrier(); WRITE_ONCE(p, v); } while (0)
extern void synchronize_rcu(void);
#endif
