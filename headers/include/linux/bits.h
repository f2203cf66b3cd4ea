#ifndef MMTOP_LINUX_BITS_H
#define MMTOP_LINUX_BITS_H
#include <linux/const.h>
#endif
