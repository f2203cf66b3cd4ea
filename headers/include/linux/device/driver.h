#ifndef MMTOP_LINUX_DEVICE_DRIVER_H
#define MMTOP_LINUX_DEVICE_DRIVER_H
#include <linux/device.h>
#endif
