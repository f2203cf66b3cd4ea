#ifndef MMTOP_LINUX_PREEMPT_H
#define MMTOP_LINUX_PREEMPT_H
#include <linux/types.h>
extern void preempt_disable(void);
extern void preempt_enable(void);
extern int preempt_count(void);
extern int in_interrupt(void);
extern int in_irq(void);
extern int in_softirq(void);
extern int in_atomic(void);
#define in_hardirq() in_irq()
#define in_task() (!in_interrupt())
#define preempt_enable_no_resched() preempt_enable()
#endif
