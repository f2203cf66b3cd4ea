#ifndef MMTOP_LINUX_SPINLOCK_TYPES_H
#define MMTOP_LINUX_SPINLOCK_TYPES_H
#include <linux/spinlock.h>
#endif
