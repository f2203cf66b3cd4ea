#ifndef MMTOP_ASM_KMAP_TYPES_H
#define MMTOP_ASM_KMAP_TYPES_H
#include <linux/highmem.h>
#endif
