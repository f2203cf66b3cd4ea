#ifndef MMTOP_ASM_GENERIC_BUG_H
#define MMTOP_ASM_GENERIC_BUG_H
#include <linux/bug.h>
#endif
