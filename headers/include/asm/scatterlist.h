#ifndef MMTOP_ASM_SCATTERLIST_H
#define MMTOP_ASM_SCATTERLIST_H
#include <linux/scatterlist.h>
#endif
