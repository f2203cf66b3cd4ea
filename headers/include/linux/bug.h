#ifndef MMTOP_LINUX_BUG_H
#define MMTOP_LINUX_BUG_H
#include <linux/types.h>
#include <linux/printk.h>
/* The instruction ud2 stops the CPU; the kernel finds file and line by its address (struct bug_entry, 12 bytes). */
#define BUGFLAG_WARNING 1
#define BUGFLAG_ONCE 2
#define _mmtop_bug(flags) \
	__asm__ volatile("1: ud2\n\t.pushsection __bug_table,\"aw\"\n\t.long 1b, %c0\n\t.word %c1, %c2\n\t.popsection" \
			 :: "i"(__FILE__), "i"(__LINE__), "i"(flags))
#define BUG() do { _mmtop_bug(0); __builtin_unreachable(); } while (0)
#define BUG_ON(condition) do { if (unlikely(condition)) BUG(); } while (0)
#define __WARN() _mmtop_bug(BUGFLAG_WARNING)
#define WARN_ON(condition) ({ \
	int _warns = !!(condition); \
	if (unlikely(_warns)) __WARN(); \
	unlikely(_warns); \
})
#define WARN(condition, format...) ({ \
	int _warns = !!(condition); \
	if (unlikely(_warns)) { printk(format); __WARN(); } \
	unlikely(_warns); \
})
#define WARN_ON_ONCE(condition) ({ \
	static bool _warned; \
	int _warns = !!(condition); \
	if (unlikely(_warns) && !_warned) { _warned = 1; _mmtop_bug(BUGFLAG_WARNING | BUGFLAG_ONCE); } \
	unlikely(_warns); \
})
#define WARN_ONCE(condition, format...) ({ \
	static bool _warned; \
	int _warns = !!(condition); \
	if (unlikely(_warns) && !_warned) { _warned = 1; WARN(1, format); } \
	unlikely(_warns); \
})
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "BUILD_BUG_ON(" #condition ")")
#define BUILD_BUG_ON_ZERO(condition) ((int)sizeof(struct { int : (-!!(condition)); }))
#define BUILD_BUG() BUILD_BUG_ON(1)
#endif
