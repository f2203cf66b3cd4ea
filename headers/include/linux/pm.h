#ifndef MMTOP_LINUX_PM_H
#define MMTOP_LINUX_PM_H
#include <linux/types.h>
#endif
