#ifndef MMTOP_LINUX_RWSEM_H
#define MMTOP_LINUX_RWSEM_H
#include <linux/list.h>
#define RWSEM_MAGIC 0x7277736d
#define __RWSEM_INITIALIZER(name) {0, RWSEM_MAGIC, LIST_HEAD_INIT((name).wait_list)}
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)
extern void init_rwsem(struct rw_semaphore *sem);
extern void down_read(struct rw_semaphore *sem);
extern int down_read_trylock(struct rw_semaphore *sem);
extern void down_write(struct rw_semaphore *sem);
extern int down_write_trylock(struct rw_semaphore *sem);
extern void up_read(struct rw_semaphore *sem);
extern void up_write(struct rw_semaphore *sem);
extern void downgrade_write(struct rw_semaphore *sem);
#endif
