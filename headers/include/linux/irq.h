#ifndef MMTOP_LINUX_IRQ_H
#define MMTOP_LINUX_IRQ_H
#include <linux/interrupt.h>
#define NR_IRQS 16
#if MMTOP_ERA < 510
#define IRQ_DISABLED 0x200
#endif
#endif
