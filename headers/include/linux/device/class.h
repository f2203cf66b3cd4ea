#ifndef MMTOP_LINUX_DEVICE_CLASS_H
#define MMTOP_LINUX_DEVICE_CLASS_H
#include <linux/device.h>
#endif
