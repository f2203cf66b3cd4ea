#ifndef MMTOP_ASM_BITOPS_H
#define MMTOP_ASM_BITOPS_H
#include <linux/bitops.h>
#endif
