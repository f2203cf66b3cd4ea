#ifndef MMTOP_LINUX_ALIGN_H
#define MMTOP_LINUX_ALIGN_H
#include <linux/kernel.h>
#endif
