#ifndef MMTOP_LINUX_IRQ_H
#define MMTOP_LINUX_IRQ_H
#include <linux/interrupt.h>
#define NR_IRQS 16
#endif
