#ifndef MMTOP_LINUX_INIT_H
#define MMTOP_LINUX_INIT_H
#include <mmtop/types.h>
#define __init __attribute__((section(".init.text")))
#define __initdata __attribute__((section(".init.data")))
#define __initconst __attribute__((section(".init.rodata")))
#define __exit __attribute__((section(".exit.text"), used))
#define __exitdata __attribute__((section(".exit.data")))
#define __exit_p(x) x
#define __devinit
#define __devinitdata
#define __devinitconst
#define __devexit
#define __devexitdata
#define __devexit_p(x) x
#define __cpuinit
typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);
#define module_init(function) \
	static inline initcall_t __maybe_unused _mmtop_check_init(void) { return function; } \
	int init_module(void) __attribute__((alias(#function)));
#define module_exit(function) \
	static inline exitcall_t __maybe_unused _mmtop_check_exit(void) { return function; } \
	void cleanup_module(void) __attribute__((alias(#function)));
#define early_initcall(function) module_init(function)
#define core_initcall(function) module_init(function)
#define subsys_initcall(function) module_init(function)
#define fs_initcall(function) module_init(function)
#define device_initcall(function) module_init(function)
#define late_initcall(function) module_init(function)
#endif
