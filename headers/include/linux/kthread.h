#ifndef MMTOP_LINUX_KTHREAD_H
#define MMTOP_LINUX_KTHREAD_H
#include <linux/sched.h>
#include <linux/err.h>
extern struct task_struct *kthread_create(int (*function)(void *), void *data, const char *name, ...) __printf(3, 4);
#define kthread_run(function, data, name, ...) ({ \
	struct task_struct *_thread = kthread_create((function), (data), (name), ##__VA_ARGS__); \
	if (!IS_ERR(_thread)) wake_up_process(_thread); \
	_thread; \
})
#if MMTOP_ERA >= 601
extern void kthread_exit(long result) __noreturn;
#define kthread_complete_and_exit(x, code) do { \
	struct completion *_to_complete = (x); \
	if (_to_complete) complete(_to_complete); \
	kthread_exit(code); \
} while (0)
#endif
extern int kthread_stop(struct task_struct *thread);
extern int kthread_should_stop(void);
extern void kthread_bind(struct task_struct *thread, unsigned int cpu);
#define kthread_create_on_node(function, data, node, name, ...) kthread_create((function), (data), (name), ##__VA_ARGS__)
#endif
