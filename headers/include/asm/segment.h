#ifndef MMTOP_ASM_SEGMENT_H
#define MMTOP_ASM_SEGMENT_H
#include <linux/uaccess.h>
#endif
