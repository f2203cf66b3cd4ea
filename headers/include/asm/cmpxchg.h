#ifndef MMTOP_ASM_CMPXCHG_H
#define MMTOP_ASM_CMPXCHG_H
#include <linux/types.h>
/* The processor exchanges under its own lock; words of four bytes, which is what drivers use. */
static inline unsigned long _mmtop_xchg(volatile void *at, unsigned long value)
{
	__asm__ volatile("xchgl %0,%1" : "+r"(value), "+m"(*(volatile unsigned long *)at) :: "memory");
	return value;
}
static inline unsigned long _mmtop_cmpxchg(volatile void *at, unsigned long old, unsigned long value)
{
	unsigned long found;
	__asm__ volatile("lock; cmpxchgl %2,%1" : "=a"(found), "+m"(*(volatile unsigned long *)at) : "r"(value), "0"(old) : "memory");
	return found;
}
#define xchg(p, v) ((__typeof__(*(p)))_mmtop_xchg((p), (unsigned long)(v)))
#define cmpxchg(p, o, n) ((__typeof__(*(p)))_mmtop_cmpxchg((p), (unsigned long)(o), (unsigned long)(n)))
#endif
