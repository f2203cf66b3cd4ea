#ifndef MMTOP_ASM_DELAY_H
#define MMTOP_ASM_DELAY_H
#include <linux/delay.h>
#endif
