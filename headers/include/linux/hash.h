#ifndef MMTOP_LINUX_HASH_H
#define MMTOP_LINUX_HASH_H
#include <linux/types.h>
static inline u32 hash_32(u32 value, unsigned int bits) { return (value * 0x61c88647) >> (32 - bits); }
#define hash_long(value, bits) hash_32((u32)(value), (bits))
#define hash_ptr(pointer, bits) hash_32((u32)(pointer), (bits))
#define hash_min(value, bits) hash_32((u32)(value), (bits))
#endif
