#ifndef MMTOP_ASM_ATOMIC_H
#define MMTOP_ASM_ATOMIC_H
#include <linux/atomic.h>
#endif
