#ifndef MMTOP_ASM_STRING_H
#define MMTOP_ASM_STRING_H
#include <linux/string.h>
#endif
