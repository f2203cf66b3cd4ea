#ifndef MMTOP_LINUX_RMAP_H
#define MMTOP_LINUX_RMAP_H
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/rwsem.h>
#endif
