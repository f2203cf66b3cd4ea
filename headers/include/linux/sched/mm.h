#ifndef MMTOP_LINUX_SCHED_MM_H
#define MMTOP_LINUX_SCHED_MM_H
#include <linux/sched.h>
#endif
