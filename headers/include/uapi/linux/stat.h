#ifndef MMTOP_UAPI_LINUX_STAT_H
#define MMTOP_UAPI_LINUX_STAT_H
#include <linux/stat.h>
#endif
