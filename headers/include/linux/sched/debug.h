#ifndef MMTOP_LINUX_SCHED_DEBUG_H
#define MMTOP_LINUX_SCHED_DEBUG_H
#include <linux/sched.h>
#endif
