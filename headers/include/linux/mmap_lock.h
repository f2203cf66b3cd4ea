#ifndef MMTOP_LINUX_MMAP_LOCK_H
#define MMTOP_LINUX_MMAP_LOCK_H
#include <linux/mm.h>
#endif
