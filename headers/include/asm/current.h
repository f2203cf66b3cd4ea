#ifndef MMTOP_ASM_CURRENT_H
#define MMTOP_ASM_CURRENT_H
#include <linux/types.h>
extern struct task_struct *get_current(void) __attribute__((const));
#define current get_current()
#endif
