#ifndef MMTOP_LINUX_DCACHE_H
#define MMTOP_LINUX_DCACHE_H
#include <linux/types.h>
#endif
