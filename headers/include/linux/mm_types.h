#ifndef MMTOP_LINUX_MM_TYPES_H
#define MMTOP_LINUX_MM_TYPES_H
#include <linux/types.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#endif
