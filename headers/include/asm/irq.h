#ifndef MMTOP_ASM_IRQ_H
#define MMTOP_ASM_IRQ_H
#include <linux/irq.h>
#endif
