#ifndef MMTOP_ASM_SYSTEM_H
#define MMTOP_ASM_SYSTEM_H
#include <asm/barrier.h>
#include <asm/cmpxchg.h>
#include <linux/irqflags.h>
#endif
