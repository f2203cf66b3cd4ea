#ifndef MMTOP_LINUX_PATH_H
#define MMTOP_LINUX_PATH_H
#include <linux/types.h>
#endif
