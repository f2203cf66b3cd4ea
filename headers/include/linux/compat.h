#ifndef MMTOP_LINUX_COMPAT_H
#define MMTOP_LINUX_COMPAT_H
#include <linux/types.h>
static inline void *compat_ptr(unsigned int pointer) { return (void *)(unsigned long)pointer; }
/* What a kernel without CONFIG_COMPAT says: pointers need no conversion. */
#define compat_ptr_ioctl NULL
#endif
