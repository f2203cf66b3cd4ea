#ifndef MMTOP_LINUX_MMZONE_H
#define MMTOP_LINUX_MMZONE_H
#include <linux/mm.h>
#endif
