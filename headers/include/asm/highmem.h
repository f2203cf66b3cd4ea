#ifndef MMTOP_ASM_HIGHMEM_H
#define MMTOP_ASM_HIGHMEM_H
#include <linux/highmem.h>
#endif
