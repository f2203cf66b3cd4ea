#ifndef MMTOP_ASM_DIV64_H
#define MMTOP_ASM_DIV64_H
#include <linux/types.h>
/* A 64-bit number divided by a 32-bit one, in two steps of the processor's own; the remainder is the value. */
#define do_div(n, base) ({ \
	u32 _base = (base), _remainder; \
	u64 _n = (n); \
	u32 _high = _n >> 32, _low = _n, _high_quotient = _high / _base; \
	_high %= _base; \
	__asm__("divl %4" : "=a"(_low), "=d"(_remainder) : "0"(_low), "1"(_high), "rm"(_base)); \
	(n) = ((u64)_high_quotient << 32) | _low; \
	_remainder; \
})
#endif
