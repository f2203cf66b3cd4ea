#ifndef MMTOP_LINUX_KSTRTOX_H
#define MMTOP_LINUX_KSTRTOX_H
#include <linux/kernel.h>
#endif
