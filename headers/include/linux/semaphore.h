#ifndef MMTOP_LINUX_SEMAPHORE_H
#define MMTOP_LINUX_SEMAPHORE_H
#include <linux/list.h>
#define SEMAPHORE_MAGIC 0x73656d61
#define __SEMAPHORE_INITIALIZER(name, n) {(n), SEMAPHORE_MAGIC, LIST_HEAD_INIT((name).wait_list)}
#if MMTOP_ERA < 510
#define DECLARE_MUTEX(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)
#define DECLARE_MUTEX_LOCKED(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 0)
#define init_MUTEX(sem) sema_init((sem), 1)
#define init_MUTEX_LOCKED(sem) sema_init((sem), 0)
#endif
#if MMTOP_ERA >= 618
#define DEFINE_SEMAPHORE(name, n) struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)
#else
#define DEFINE_SEMAPHORE(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)
#endif
extern void sema_init(struct semaphore *sem, int count);
extern void down(struct semaphore *sem);
extern int down_interruptible(struct semaphore *sem);
extern int down_killable(struct semaphore *sem);
extern int down_trylock(struct semaphore *sem);
extern int down_timeout(struct semaphore *sem, long jiffies);
extern void up(struct semaphore *sem);
#endif
