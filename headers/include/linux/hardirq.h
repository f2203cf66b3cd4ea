#ifndef MMTOP_LINUX_HARDIRQ_H
#define MMTOP_LINUX_HARDIRQ_H
#include <linux/preempt.h>
#endif
