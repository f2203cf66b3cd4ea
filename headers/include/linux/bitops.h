#ifndef MMTOP_LINUX_BITOPS_H
#define MMTOP_LINUX_BITOPS_H
#include <linux/types.h>
#include <linux/const.h>
#define BITS_PER_BYTE 8
#define BITS_PER_LONG 32
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define _mmtop_bit(name, instruction) \
	static inline int test_and_##name##_bit(int n, volatile void *at) \
	{ \
		u8 was; \
		__asm__ volatile("lock; " instruction " %2,%1\n\tsetc %0" : "=q"(was), "+m"(*(volatile long *)at) \
				 : "Ir"(n) : "memory"); \
		return was; \
	} \
	static inline void name##_bit(int n, volatile void *at) { test_and_##name##_bit(n, at); } \
	static inline void __##name##_bit(int n, volatile void *at) { test_and_##name##_bit(n, at); } \
	static inline int __test_and_##name##_bit(int n, volatile void *at) { return test_and_##name##_bit(n, at); }
_mmtop_bit(set, "btsl")
_mmtop_bit(clear, "btrl")
_mmtop_bit(change, "btcl")
#define test_bit(n, at) ((((const volatile unsigned long *)(at))[BIT_WORD(n)] >> ((n) % BITS_PER_LONG)) & 1)
static inline unsigned long __ffs(unsigned long word) { return __builtin_ctzl(word); }
static inline unsigned long ffz(unsigned long word) { return __builtin_ctzl(~word); }
static inline unsigned long __fls(unsigned long word) { return 31 - __builtin_clzl(word); }
static inline int ffs(int word) { return word ? __builtin_ctz(word) + 1 : 0; }
static inline int fls(unsigned int word) { return word ? 32 - __builtin_clz(word) : 0; }
static inline int fls64(u64 word) { return word >> 32 ? 32 + fls(word >> 32) : fls(word); }
static inline unsigned int hweight32(u32 word)
{
	unsigned int n = 0;
	for (; word; word &= word - 1)
		n++;
	return n;
}
#define hweight_long(word) hweight32(word)
#define hweight8(word) hweight32((u8)(word))
#define hweight16(word) hweight32((u16)(word))
static inline u32 rol32(u32 word, unsigned int shift) { return (word << (shift & 31)) | (word >> (-shift & 31)); }
static inline u32 ror32(u32 word, unsigned int shift) { return (word >> (shift & 31)) | (word << (-shift & 31)); }
static inline unsigned long _mmtop_find(const unsigned long *at, unsigned long size, unsigned long from, int wanted)
{
	for (; from < size; from++)
		if (test_bit(from, at) == wanted)
			return from;
	return size;
}
#define find_first_bit(at, size) _mmtop_find((const unsigned long *)(at), (size), 0, 1)
#define find_next_bit(at, size, from) _mmtop_find((const unsigned long *)(at), (size), (from), 1)
#define find_first_zero_bit(at, size) _mmtop_find((const unsigned long *)(at), (size), 0, 0)
#define find_next_zero_bit(at, size, from) _mmtop_find((const unsigned long *)(at), (size), (from), 0)
#define for_each_set_bit(bit, at, size) \
	for ((bit) = find_first_bit((at), (size)); (bit) < (size); (bit) = find_next_bit((at), (size), (bit) + 1))
#endif
