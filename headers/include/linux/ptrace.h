#ifndef MMTOP_LINUX_PTRACE_H
#define MMTOP_LINUX_PTRACE_H
#include <asm/ptrace.h>
#endif
