#ifndef MMTOP_LINUX_MATH64_H
#define MMTOP_LINUX_MATH64_H
#include <asm/div64.h>
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = do_div(dividend, divisor);
	return dividend;
}
static inline u64 div_u64(u64 dividend, u32 divisor)
{
	do_div(dividend, divisor);
	return dividend;
}
static inline s64 div_s64(s64 dividend, s32 divisor)
{
	u64 positive = div_u64(dividend < 0 ? -dividend : dividend, divisor < 0 ? -divisor : divisor);
	return (dividend < 0) != (divisor < 0) ? -(s64)positive : (s64)positive;
}
extern u64 div64_u64(u64 dividend, u64 divisor);
extern s64 div64_s64(s64 dividend, s64 divisor);
#endif
