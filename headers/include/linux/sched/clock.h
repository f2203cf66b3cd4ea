#ifndef MMTOP_LINUX_SCHED_CLOCK_H
#define MMTOP_LINUX_SCHED_CLOCK_H
#include <linux/sched.h>
extern unsigned long long sched_clock(void);
#define local_clock() sched_clock()
#endif
