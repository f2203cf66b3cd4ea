#ifndef MMTOP_LINUX_TIME64_H
#define MMTOP_LINUX_TIME64_H
#include <linux/time.h>
#endif
