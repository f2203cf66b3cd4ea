#ifndef MMTOP_LIBC_KLOG_H
#define MMTOP_LIBC_KLOG_H
#include "../libc.h"
static inline int klogctl(int type, char *to, int length) { return mmtop_result(syscall3(103, type, to, length)); }
#endif
