#ifndef MMTOP_LINUX_REBOOT_H
#define MMTOP_LINUX_REBOOT_H
#include <linux/types.h>
#endif
