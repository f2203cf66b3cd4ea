#ifndef MMTOP_LINUX_SCHED_SIGNAL_H
#define MMTOP_LINUX_SCHED_SIGNAL_H
#include <linux/sched.h>
#endif
