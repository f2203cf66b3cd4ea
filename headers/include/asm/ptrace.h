#ifndef MMTOP_ASM_PTRACE_H
#define MMTOP_ASM_PTRACE_H
#include <linux/types.h>
struct pt_regs {
	long ebx, ecx, edx, esi, edi, ebp, eax;
	int xds, xes;
	long orig_eax, eip;
	int xcs;
	long eflags, esp;
	int xss;
};
#endif
