#ifndef MMTOP_ASM_SIGNAL_H
#define MMTOP_ASM_SIGNAL_H
#include <linux/signal.h>
#endif
