#ifndef MMTOP_LINUX_MISCDEVICE_H
#define MMTOP_LINUX_MISCDEVICE_H
#include <linux/fs.h>
#include <linux/device.h>
#include <linux/major.h>
#define MISC_DYNAMIC_MINOR 255
extern int misc_register(struct miscdevice *misc);
#if MMTOP_ERA >= 510
extern void misc_deregister(struct miscdevice *misc);
#else
extern int misc_deregister(struct miscdevice *misc);
#endif
#define module_misc_device(misc) module_driver(misc, misc_register, misc_deregister)
#endif
