#ifndef MMTOP_LINUX_KMEMLEAK_H
#define MMTOP_LINUX_KMEMLEAK_H
/* The lab's findings name leaks; marks of kmemleak are not needed. */
#include <linux/types.h>
#define kmemleak_not_leak(pointer) ((void)(pointer))
#define kmemleak_ignore(pointer) ((void)(pointer))
#define kmemleak_alloc(pointer, size, count, gfp) ((void)(pointer))
#define kmemleak_free(pointer) ((void)(pointer))
#endif
