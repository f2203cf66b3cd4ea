#ifndef MMTOP_LINUX_BITMAP_H
#define MMTOP_LINUX_BITMAP_H
#include <linux/bitops.h>
#include <linux/string.h>
static inline void bitmap_zero(unsigned long *map, unsigned int bits) { memset(map, 0, 4 * BITS_TO_LONGS(bits)); }
static inline void bitmap_set(unsigned long *map, unsigned int start, int count) { while (count-- > 0) __set_bit(start++, map); }
static inline void bitmap_clear(unsigned long *map, unsigned int start, int count) { while (count-- > 0) __clear_bit(start++, map); }
#endif
