#ifndef MMTOP_LINUX_COMPAT_H
#define MMTOP_LINUX_COMPAT_H
#include <linux/types.h>
static inline void *compat_ptr(unsigned int pointer) { return (void *)(unsigned long)pointer; }
extern long compat_ptr_ioctl(struct file *file, unsigned int command, unsigned long argument);
#endif
