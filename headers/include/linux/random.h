#ifndef MMTOP_LINUX_RANDOM_H
#define MMTOP_LINUX_RANDOM_H
#include <linux/types.h>
extern void get_random_bytes(void *to, int n);
extern u32 get_random_u32(void);
#if MMTOP_ERA >= 601
extern u32 get_random_u32_below(u32 ceiling);
#endif
#define get_random_int() get_random_u32()
#define add_interrupt_randomness(irq) do { } while (0)
#endif
