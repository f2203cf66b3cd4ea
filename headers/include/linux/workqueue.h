#ifndef MMTOP_LINUX_WORKQUEUE_H
#define MMTOP_LINUX_WORKQUEUE_H
#include <linux/timer.h>
#include <linux/list.h>
struct workqueue_struct;
#if MMTOP_ERA >= 232
typedef void (*work_func_t)(struct work_struct *);
#else
/* 2.6.11 says what the function is given; the book's labs, as later kernels do, give it the work. */
typedef void (*work_func_t)(void *);
#define _mmtop_work_arg(work, data, ...) (void *)(data)
#define _mmtop_init_work2(work, function) _mmtop_init_work3(work, function, work)
#define _mmtop_init_work3(work, function, given) do { \
	(work)->data = 0; \
	INIT_LIST_HEAD(&(work)->entry); \
	(work)->func = (work_func_t)(function); \
	(work)->arg = (void *)(given); \
} while (0)
#define _mmtop_third(a, b, c, ...) c
#define _mmtop_declare2(name, function) \
	struct work_struct name = {0, LIST_HEAD_INIT((name).entry), (work_func_t)(function), &(name)}
#define _mmtop_declare3(name, function, given) \
	struct work_struct name = {0, LIST_HEAD_INIT((name).entry), (work_func_t)(function), (void *)(given)}
#define INIT_WORK(work, function, given...) \
	_mmtop_third(x, ##given, _mmtop_init_work3, _mmtop_init_work2)(work, function, ##given)
#define DECLARE_WORK(name, function, given...) \
	_mmtop_third(x, ##given, _mmtop_declare3, _mmtop_declare2)(name, function, ##given)
#define PREPARE_WORK(work, function, given) do { \
	(work)->func = (work_func_t)(function); \
	(work)->arg = (void *)(given); \
} while (0)
#endif
#if MMTOP_ERA >= 232
#define __WORK_INITIALIZER(name, function) {0, LIST_HEAD_INIT((name).entry), (function), &(name)}
#define DECLARE_WORK(name, function) struct work_struct name = __WORK_INITIALIZER(name, function)
#define INIT_WORK(work, function) do { \
	(work)->data = 0; \
	INIT_LIST_HEAD(&(work)->entry); \
	(work)->func = (function); \
	(work)->arg = (work); \
} while (0)
#define INIT_WORK_ONSTACK(work, function) INIT_WORK(work, function)
#else
#define __WORK_INITIALIZER(name, function) {0, LIST_HEAD_INIT((name).entry), (work_func_t)(function), &(name)}
#endif
#define DECLARE_DELAYED_WORK(name, function) struct delayed_work name = {.work = __WORK_INITIALIZER((name).work, function)}
#define INIT_DELAYED_WORK(delayed, function) INIT_WORK(&(delayed)->work, function)
#define to_delayed_work(pointer) container_of(pointer, struct delayed_work, work)
#define work_pending(work) ((work)->data & 1)
#define delayed_work_pending(delayed) work_pending(&(delayed)->work)
#define WQ_UNBOUND 2
#define WQ_FREEZABLE 4
#define WQ_MEM_RECLAIM 8
#define WQ_HIGHPRI 16
extern struct workqueue_struct *_mmtop_create_workqueue(const char *name, int flags, int threads);
#define create_workqueue(name) _mmtop_create_workqueue((name), 0, 0)
#define create_singlethread_workqueue(name) _mmtop_create_workqueue((name), 0, 1)
#if MMTOP_ERA >= 302
#define alloc_workqueue(name, flags, most, ...) _mmtop_create_workqueue((name), (flags), (most))
#define alloc_ordered_workqueue(name, flags, ...) _mmtop_create_workqueue((name), (flags), 1)
extern struct workqueue_struct *system_wq;
#endif
extern void destroy_workqueue(struct workqueue_struct *queue);
extern int queue_work(struct workqueue_struct *queue, struct work_struct *work);
extern int queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work, unsigned long jiffies);
extern int mod_delayed_work(struct workqueue_struct *queue, struct delayed_work *work, unsigned long jiffies);
extern void flush_workqueue(struct workqueue_struct *queue);
extern int schedule_work(struct work_struct *work);
extern int schedule_delayed_work(struct delayed_work *work, unsigned long jiffies);
extern void flush_scheduled_work(void);
extern int flush_work(struct work_struct *work);
extern int flush_delayed_work(struct delayed_work *work);
extern int cancel_work_sync(struct work_struct *work);
extern int cancel_delayed_work(struct delayed_work *work);
extern int cancel_delayed_work_sync(struct delayed_work *work);
#define drain_workqueue(queue) flush_workqueue(queue)
#if MMTOP_ERA < 232
/* A work_struct may be delayed by itself: the kernel keeps the timer. */
#define schedule_delayed_work(work, jiffies_) schedule_delayed_work((struct delayed_work *)(work), (jiffies_))
#define queue_delayed_work(queue, work, jiffies_) queue_delayed_work((queue), (struct delayed_work *)(work), (jiffies_))
#define cancel_delayed_work(work) cancel_delayed_work((struct delayed_work *)(work))
#endif
#endif
