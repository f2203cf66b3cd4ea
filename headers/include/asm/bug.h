#ifndef MMTOP_ASM_BUG_H
#define MMTOP_ASM_BUG_H
#include <linux/bug.h>
#endif
