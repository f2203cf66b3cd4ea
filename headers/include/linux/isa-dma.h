#ifndef MMTOP_LINUX_ISA_DMA_H
#define MMTOP_LINUX_ISA_DMA_H
#include <asm/dma.h>
#endif
