#ifndef MMTOP_LINUX_RWLOCK_H
#define MMTOP_LINUX_RWLOCK_H
#include <linux/spinlock.h>
#endif
