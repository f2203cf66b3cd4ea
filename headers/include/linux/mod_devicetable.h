#ifndef MMTOP_LINUX_MOD_DEVICETABLE_H
#define MMTOP_LINUX_MOD_DEVICETABLE_H
#include <linux/types.h>
#endif
