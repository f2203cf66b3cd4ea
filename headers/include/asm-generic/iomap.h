#ifndef MMTOP_ASM_GENERIC_IOMAP_H
#define MMTOP_ASM_GENERIC_IOMAP_H
#include <asm/io.h>
#endif
