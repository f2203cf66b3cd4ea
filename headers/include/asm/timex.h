#ifndef MMTOP_ASM_TIMEX_H
#define MMTOP_ASM_TIMEX_H
#include <linux/timex.h>
#endif
