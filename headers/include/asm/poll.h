#ifndef MMTOP_ASM_POLL_H
#define MMTOP_ASM_POLL_H
#include <linux/poll.h>
#endif
