#ifndef MMTOP_ASM_SEMAPHORE_H
#define MMTOP_ASM_SEMAPHORE_H
#include <linux/semaphore.h>
#endif
