#ifndef MMTOP_UAPI_LINUX_TIME_H
#define MMTOP_UAPI_LINUX_TIME_H
#include <linux/time.h>
#endif
