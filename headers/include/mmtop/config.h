/* What the simulated kernel is configured with, as far as drivers ask. */
#ifndef MMTOP_MMTOP_CONFIG_H
#define MMTOP_MMTOP_CONFIG_H
#define CONFIG_X86 1
#define CONFIG_X86_32 1
#define CONFIG_SMP 1
#define CONFIG_HIGHMEM 1
#define CONFIG_MODULES 1
#define CONFIG_MODULE_UNLOAD 1
#define CONFIG_PROC_FS 1
#define CONFIG_SYSFS 1
#define CONFIG_DEBUG_FS 1
#define CONFIG_PCI 1
#define CONFIG_ISA 1
#define CONFIG_MMU 1
#define CONFIG_DEBUG_SPINLOCK 1
#define CONFIG_HZ HZ
#define CONFIG_PAGE_OFFSET 0xc0000000
#define CONFIG_NR_CPUS 8
#define CONFIG_PRINTK 1
#define CONFIG_BUG 1
#define CONFIG_KALLSYMS 1
#if MMTOP_ERA >= 232
#define CONFIG_HAS_IOMEM 1
#define CONFIG_HAS_DMA 1
#define CONFIG_EVENTFD 1
#define CONFIG_AIO 1
#endif

/* IS_ENABLED(CONFIG_X): an option that is 1 puts a comma before the 1 that is then the second argument. */
#define _mmtop_comma_1 0,
#define _mmtop_second(ignored, value, ...) value
#define _mmtop_enabled_(x) _mmtop_second(x 1, 0, 0)
#define _mmtop_enabled(x) _mmtop_enabled_(_mmtop_comma_##x)
#define IS_ENABLED(option) _mmtop_enabled(option)
#define IS_BUILTIN(option) IS_ENABLED(option)
#define IS_MODULE(option) 0
#define IS_REACHABLE(option) IS_ENABLED(option)
#endif
