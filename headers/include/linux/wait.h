#ifndef MMTOP_LINUX_WAIT_H
#define MMTOP_LINUX_WAIT_H
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/errno.h>
#include <asm/current.h>
#define WAIT_QUEUE_MAGIC 0x77616974
#define WQ_FLAG_EXCLUSIVE 1
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_KILLABLE 0x102
#define TASK_NORMAL 3
#define __WAIT_QUEUE_HEAD_INITIALIZER(name) {WAIT_QUEUE_MAGIC, LIST_HEAD_INIT((name).task_list)}
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
extern void init_waitqueue_head(wait_queue_head_t *queue);
extern int default_wake_function(wait_queue_t *wait, unsigned int mode, int flags, void *key);
extern int autoremove_wake_function(wait_queue_t *wait, unsigned int mode, int flags, void *key);
#define __WAITQUEUE_INITIALIZER(name, of) {.private = (of), .func = default_wake_function}
#define DECLARE_WAITQUEUE(name, of) wait_queue_t name = __WAITQUEUE_INITIALIZER(name, of)
#define DEFINE_WAIT(name) \
	wait_queue_t name = {.private = current, .func = autoremove_wake_function, .task_list = LIST_HEAD_INIT((name).task_list)}
#define init_wait(wait) do { \
	(wait)->flags = 0; \
	(wait)->private = current; \
	(wait)->func = autoremove_wake_function; \
	INIT_LIST_HEAD(&(wait)->task_list); \
} while (0)
static inline void init_waitqueue_entry(wait_queue_t *wait, struct task_struct *task)
{
	wait->flags = 0;
	wait->private = task;
	wait->func = default_wake_function;
}
extern void add_wait_queue(wait_queue_head_t *queue, wait_queue_t *wait);
extern void add_wait_queue_exclusive(wait_queue_head_t *queue, wait_queue_t *wait);
extern void remove_wait_queue(wait_queue_head_t *queue, wait_queue_t *wait);
extern void prepare_to_wait(wait_queue_head_t *queue, wait_queue_t *wait, int state);
extern void prepare_to_wait_exclusive(wait_queue_head_t *queue, wait_queue_t *wait, int state);
extern void finish_wait(wait_queue_head_t *queue, wait_queue_t *wait);
extern void __wake_up(wait_queue_head_t *queue, unsigned int mode, int exclusive);
extern void schedule(void);
extern long schedule_timeout(long jiffies);
extern int signal_pending(struct task_struct *task);
static inline int waitqueue_active(wait_queue_head_t *queue) { return !list_empty(&queue->task_list); }
#define wq_has_sleeper(queue) waitqueue_active(queue)
#define wake_up(queue) __wake_up((queue), TASK_NORMAL, 1)
#define wake_up_nr(queue, nr) __wake_up((queue), TASK_NORMAL, (nr))
#define wake_up_all(queue) __wake_up((queue), TASK_NORMAL, 0)
#define wake_up_interruptible(queue) __wake_up((queue), TASK_INTERRUPTIBLE, 1)
#define wake_up_interruptible_nr(queue, nr) __wake_up((queue), TASK_INTERRUPTIBLE, (nr))
#define wake_up_interruptible_all(queue) __wake_up((queue), TASK_INTERRUPTIBLE, 0)
#define wake_up_interruptible_sync(queue) __wake_up((queue), TASK_INTERRUPTIBLE, 1)
#define wake_up_sync(queue) __wake_up((queue), TASK_NORMAL, 1)
#define wake_up_locked(queue) wake_up(queue)

/* Sleeps until the condition holds, or a signal comes where that counts, or the time is over. */
#define _mmtop_wait(queue, condition, state, interruptible, exclusive, sleep, given_up, interrupted) ({ \
	DEFINE_WAIT(_wait); \
	long _result = 0; \
	for (;;) { \
		if (exclusive) prepare_to_wait_exclusive(&(queue), &_wait, (state)); \
		else prepare_to_wait(&(queue), &_wait, (state)); \
		if (condition) break; \
		if (given_up) break; \
		if ((interruptible) && signal_pending(current)) { _result = (interrupted); break; } \
		sleep; \
	} \
	finish_wait(&(queue), &_wait); \
	_result; \
})
#define wait_event(queue, condition) do { \
	if (!(condition)) _mmtop_wait(queue, condition, TASK_UNINTERRUPTIBLE, 0, 0, schedule(), 0, 0); \
} while (0)
#define wait_event_interruptible(queue, condition) ((condition) ? 0 : \
	(int)_mmtop_wait(queue, condition, TASK_INTERRUPTIBLE, 1, 0, schedule(), 0, -ERESTARTSYS))
#define wait_event_killable(queue, condition) ((condition) ? 0 : \
	(int)_mmtop_wait(queue, condition, TASK_KILLABLE, 1, 0, schedule(), 0, -ERESTARTSYS))
#define wait_event_interruptible_exclusive(queue, condition) ((condition) ? 0 : \
	(int)_mmtop_wait(queue, condition, TASK_INTERRUPTIBLE, 1, 1, schedule(), 0, -ERESTARTSYS))
/* @returns what is left of the time: 0 when it was over and the condition does not hold, and at least 1 when it does. */
#define _mmtop_wait_timeout(queue, condition, state, interruptible, jiffies_) ({ \
	long _left = (jiffies_), _why = 0; \
	if (!(condition)) { \
		_why = _mmtop_wait(queue, condition, state, interruptible, 0, _left = schedule_timeout(_left), !_left, -ERESTARTSYS); \
		if (!_why && !_left && (condition)) _left = 1; \
	} else if (!_left) _left = 1; \
	_why ? _why : _left; \
})
#define wait_event_timeout(queue, condition, jiffies_) \
	_mmtop_wait_timeout(queue, condition, TASK_UNINTERRUPTIBLE, 0, jiffies_)
#define wait_event_interruptible_timeout(queue, condition, jiffies_) \
	_mmtop_wait_timeout(queue, condition, TASK_INTERRUPTIBLE, 1, jiffies_)
#if MMTOP_ERA < 510
extern void sleep_on(wait_queue_head_t *queue);
extern long sleep_on_timeout(wait_queue_head_t *queue, long jiffies);
extern void interruptible_sleep_on(wait_queue_head_t *queue);
extern long interruptible_sleep_on_timeout(wait_queue_head_t *queue, long jiffies);
#endif
#endif
