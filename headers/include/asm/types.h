#ifndef MMTOP_ASM_TYPES_H
#define MMTOP_ASM_TYPES_H
#include <linux/types.h>
#endif
