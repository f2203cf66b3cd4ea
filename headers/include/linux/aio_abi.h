#ifndef MMTOP_LINUX_AIO_ABI_H
#define MMTOP_LINUX_AIO_ABI_H
#include <linux/types.h>
#endif
