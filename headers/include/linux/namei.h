#ifndef MMTOP_LINUX_NAMEI_H
#define MMTOP_LINUX_NAMEI_H
#include <linux/fs.h>
#endif
