#ifndef MMTOP_ASM_GENERIC_IOCTL_H
#define MMTOP_ASM_GENERIC_IOCTL_H
#include <linux/ioctl.h>
#endif
