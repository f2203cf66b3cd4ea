#ifndef MMTOP_LINUX_PGTABLE_H
#define MMTOP_LINUX_PGTABLE_H
#include <asm/pgtable.h>
#endif
