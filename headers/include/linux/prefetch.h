#ifndef MMTOP_LINUX_PREFETCH_H
#define MMTOP_LINUX_PREFETCH_H
#include <asm/processor.h>
#endif
