#ifndef MMTOP_ASM_GENERIC_IO_H
#define MMTOP_ASM_GENERIC_IO_H
#include <asm/io.h>
#endif
