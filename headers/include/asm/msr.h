#ifndef MMTOP_ASM_MSR_H
#define MMTOP_ASM_MSR_H
#include <linux/types.h>
static inline u64 rdtsc(void)
{
	u64 value;
	__asm__ volatile("rdtsc" : "=A"(value));
	return value;
}
#define rdtscl(low) ((low) = (u32)rdtsc())
#define rdtscll(value) ((value) = rdtsc())
#define rdtsc_ordered() rdtsc()
#if MMTOP_ERA < 510
#undef rdtsc_ordered
#endif
#endif
