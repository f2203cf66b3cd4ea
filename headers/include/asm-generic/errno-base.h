#ifndef MMTOP_ASM_GENERIC_ERRNO_BASE_H
#define MMTOP_ASM_GENERIC_ERRNO_BASE_H
#include <linux/errno.h>
#endif
