#ifndef MMTOP_LINUX_TIMEX_H
#define MMTOP_LINUX_TIMEX_H
#include <linux/time.h>
#include <asm/msr.h>
static inline cycles_t get_cycles(void) { return rdtsc(); }
#endif
