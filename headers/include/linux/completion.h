#ifndef MMTOP_LINUX_COMPLETION_H
#define MMTOP_LINUX_COMPLETION_H
#include <linux/wait.h>
#define COMPLETION_INITIALIZER(name) {0, __WAIT_QUEUE_HEAD_INITIALIZER((name).wait)}
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)
static inline void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}
#define INIT_COMPLETION(x) ((x).done = 0)
#define reinit_completion(x) ((x)->done = 0)
extern void wait_for_completion(struct completion *x);
extern int wait_for_completion_interruptible(struct completion *x);
extern int wait_for_completion_killable(struct completion *x);
extern unsigned long wait_for_completion_timeout(struct completion *x, unsigned long jiffies);
extern long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long jiffies);
extern bool try_wait_for_completion(struct completion *x);
extern bool completion_done(struct completion *x);
extern void complete(struct completion *x);
extern void complete_all(struct completion *x);
#if MMTOP_ERA < 601
extern void do_exit(long code) __noreturn;
#define complete_and_exit(x, code) do { \
	struct completion *_to_complete = (x); \
	if (_to_complete) complete(_to_complete); \
	do_exit(code); \
} while (0)
#endif
#endif
