#ifndef MMTOP_LINUX_BUILD_BUG_H
#define MMTOP_LINUX_BUILD_BUG_H
#include <linux/bug.h>
#endif
