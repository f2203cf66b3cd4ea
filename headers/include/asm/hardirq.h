#ifndef MMTOP_ASM_HARDIRQ_H
#define MMTOP_ASM_HARDIRQ_H
#include <linux/preempt.h>
#endif
