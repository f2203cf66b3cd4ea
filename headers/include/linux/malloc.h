#ifndef MMTOP_LINUX_MALLOC_H
#define MMTOP_LINUX_MALLOC_H
#include <linux/slab.h>
#endif
