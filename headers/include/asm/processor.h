#ifndef MMTOP_ASM_PROCESSOR_H
#define MMTOP_ASM_PROCESSOR_H
#include <linux/types.h>
#define cpu_relax() __asm__ volatile("rep; nop" ::: "memory")
#define prefetch(x) (void)(x)
#endif
