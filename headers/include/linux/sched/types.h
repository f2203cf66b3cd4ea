#ifndef MMTOP_LINUX_SCHED_TYPES_H
#define MMTOP_LINUX_SCHED_TYPES_H
#include <linux/sched.h>
#endif
