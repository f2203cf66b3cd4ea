#ifndef MMTOP_LINUX_CONST_H
#define MMTOP_LINUX_CONST_H
#define _AC(x, y) x##y
#define _BITUL(x) (1UL << (x))
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (31 - (high))))
#endif
