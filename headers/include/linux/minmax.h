#ifndef MMTOP_LINUX_MINMAX_H
#define MMTOP_LINUX_MINMAX_H
#include <linux/types.h>
#define _mmtop_pick(a, b, op) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a op _b ? _a : _b; })
#define min(a, b) _mmtop_pick(a, b, <)
#define max(a, b) _mmtop_pick(a, b, >)
#define min_t(type, a, b) ({ type _ta = (a); type _tb = (b); _ta < _tb ? _ta : _tb; })
#define max_t(type, a, b) ({ type _ta = (a); type _tb = (b); _ta > _tb ? _ta : _tb; })
#define min3(a, b, c) min((__typeof__(a))min(a, b), c)
#define max3(a, b, c) max((__typeof__(a))max(a, b), c)
#define clamp(value, low, high) min((__typeof__(value))max(value, low), high)
#define clamp_t(type, value, low, high) min_t(type, max_t(type, value, low), high)
#define swap(a, b) do { __typeof__(a) _swapped = (a); (a) = (b); (b) = _swapped; } while (0)
#endif
