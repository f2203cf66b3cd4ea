#ifndef MMTOP_ASM_GENERIC_FCNTL_H
#define MMTOP_ASM_GENERIC_FCNTL_H
#include <linux/fcntl.h>
#endif
