#ifndef MMTOP_LINUX_MM_INLINE_H
#define MMTOP_LINUX_MM_INLINE_H
#include <linux/mm.h>
#endif
