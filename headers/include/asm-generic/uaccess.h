#ifndef MMTOP_ASM_GENERIC_UACCESS_H
#define MMTOP_ASM_GENERIC_UACCESS_H
#include <linux/uaccess.h>
#endif
