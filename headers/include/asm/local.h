#ifndef MMTOP_ASM_LOCAL_H
#define MMTOP_ASM_LOCAL_H
#include <linux/atomic.h>
#endif
