#ifndef MMTOP_LINUX_SPRINTF_H
#define MMTOP_LINUX_SPRINTF_H
#include <linux/kernel.h>
#endif
