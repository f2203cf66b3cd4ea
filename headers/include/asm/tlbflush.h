#ifndef MMTOP_ASM_TLBFLUSH_H
#define MMTOP_ASM_TLBFLUSH_H
#include <linux/mm.h>
#endif
