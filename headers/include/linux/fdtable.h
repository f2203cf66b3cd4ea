#ifndef MMTOP_LINUX_FDTABLE_H
#define MMTOP_LINUX_FDTABLE_H
#include <linux/fs.h>
#endif
