#ifndef MMTOP_LINUX_INTERRUPT_H
#define MMTOP_LINUX_INTERRUPT_H
#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/hardirq.h>
#include <linux/irqreturn.h>
#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <asm/ptrace.h>
#if MMTOP_ERA >= 232
typedef irqreturn_t (*irq_handler_t)(int, void *);
#else
/* With the registers as a third argument in 2.6.11, and without them since 2.6.19: the kernel gives all three. */
typedef irqreturn_t (*irq_handler_t)();
#define SA_INTERRUPT 0x20000000
#define SA_SHIRQ 0x04000000
#define SA_SAMPLE_RANDOM 0x10000000
#endif
#if MMTOP_ERA >= 232
#define IRQF_DISABLED 0x20
#define IRQF_SHARED 0x80
#else
#define IRQF_DISABLED SA_INTERRUPT
#define IRQF_SHARED SA_SHIRQ
#endif
#define IRQF_TRIGGER_NONE 0
#define IRQF_TRIGGER_RISING 1
#define IRQF_TRIGGER_FALLING 2
#define IRQF_TRIGGER_HIGH 4
#define IRQF_TRIGGER_LOW 8
#define IRQF_ONESHOT 0x2000
#define IRQF_PROBE_SHARED 0x100
#define IRQF_NO_THREAD 0x10000
extern int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *dev_id);
#if MMTOP_ERA >= 232
extern int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
				const char *name, void *dev_id);
#endif
#if MMTOP_ERA >= 510
extern const void *free_irq(unsigned int irq, void *dev_id);
#else
extern void free_irq(unsigned int irq, void *dev_id);
#endif
extern void disable_irq(unsigned int irq);
extern void disable_irq_nosync(unsigned int irq);
extern void enable_irq(unsigned int irq);
extern void synchronize_irq(unsigned int irq);
extern int can_request_irq(unsigned int irq, unsigned long flags);
extern unsigned long probe_irq_on(void);
extern int probe_irq_off(unsigned long mask);

extern void tasklet_init(struct tasklet_struct *tasklet, void (*function)(unsigned long), unsigned long data);
extern void tasklet_schedule(struct tasklet_struct *tasklet);
extern void tasklet_hi_schedule(struct tasklet_struct *tasklet);
extern void tasklet_disable(struct tasklet_struct *tasklet);
extern void tasklet_disable_nosync(struct tasklet_struct *tasklet);
extern void tasklet_enable(struct tasklet_struct *tasklet);
extern void tasklet_kill(struct tasklet_struct *tasklet);
#if MMTOP_ERA >= 510
extern void tasklet_setup(struct tasklet_struct *tasklet, void (*callback)(struct tasklet_struct *));
#define from_tasklet(var, tasklet, member) container_of(tasklet, __typeof__(*(var)), member)
#define DECLARE_TASKLET(name, callback_) struct tasklet_struct name = {.use_callback = 1, .callback = (callback_)}
#define DECLARE_TASKLET_DISABLED(name, callback_) \
	struct tasklet_struct name = {.count = ATOMIC_INIT(1), .use_callback = 1, .callback = (callback_)}
#define DECLARE_TASKLET_OLD(name, function) struct tasklet_struct name = {.func = (function)}
#else
#define DECLARE_TASKLET(name, function, data_) struct tasklet_struct name = {.func = (function), .data = (data_)}
#define DECLARE_TASKLET_DISABLED(name, function, data_) \
	struct tasklet_struct name = {.count = ATOMIC_INIT(1), .func = (function), .data = (data_)}
#endif
#include <mmtop/common.h>
#endif
