#ifndef MMTOP_LINUX_SCHED_TASK_H
#define MMTOP_LINUX_SCHED_TASK_H
#include <linux/sched.h>
#endif
