#ifndef MMTOP_LINUX_MUTEX_H
#define MMTOP_LINUX_MUTEX_H
#include <linux/list.h>
#include <linux/spinlock.h>
#define MUTEX_MAGIC 0x6d757478
#define __MUTEX_INITIALIZER(name) {1, MUTEX_MAGIC, LIST_HEAD_INIT((name).wait_list), NULL}
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
extern void mutex_init(struct mutex *mutex);
extern void mutex_destroy(struct mutex *mutex);
extern void mutex_lock(struct mutex *mutex);
extern int mutex_lock_interruptible(struct mutex *mutex);
extern int mutex_lock_killable(struct mutex *mutex);
extern int mutex_trylock(struct mutex *mutex);
extern void mutex_unlock(struct mutex *mutex);
#define mutex_lock_nested(mutex, class) mutex_lock(mutex)
#define mutex_is_locked(mutex) ((mutex)->count != 1)
#endif
