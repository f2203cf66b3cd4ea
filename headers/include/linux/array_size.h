#ifndef MMTOP_LINUX_ARRAY_SIZE_H
#define MMTOP_LINUX_ARRAY_SIZE_H
#include <linux/kernel.h>
#endif
