#ifndef MMTOP_ASM_HW_IRQ_H
#define MMTOP_ASM_HW_IRQ_H
#include <linux/interrupt.h>
#endif
