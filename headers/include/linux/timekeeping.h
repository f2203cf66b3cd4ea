#ifndef MMTOP_LINUX_TIMEKEEPING_H
#define MMTOP_LINUX_TIMEKEEPING_H
#include <linux/time.h>
#include <linux/ktime.h>
#endif
