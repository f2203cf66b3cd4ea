#ifndef MMTOP_ASM_CACHEFLUSH_H
#define MMTOP_ASM_CACHEFLUSH_H
#include <linux/highmem.h>
#define flush_cache_all() do { } while (0)
extern int set_memory_uc(unsigned long address, int pages);
extern int set_memory_wb(unsigned long address, int pages);
#endif
