#ifndef MMTOP_UAPI_ASM_GENERIC_ERRNO_H
#define MMTOP_UAPI_ASM_GENERIC_ERRNO_H
#include <linux/errno.h>
#endif
