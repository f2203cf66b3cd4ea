#ifndef MMTOP_LINUX_CDEV_H
#define MMTOP_LINUX_CDEV_H
#include <linux/fs.h>
#include <linux/kobject.h>
extern void cdev_init(struct cdev *cdev, const struct file_operations *fops);
extern struct cdev *cdev_alloc(void);
extern int cdev_add(struct cdev *cdev, dev_t first, unsigned int count);
extern void cdev_del(struct cdev *cdev);
#if MMTOP_ERA >= 510
extern int cdev_device_add(struct cdev *cdev, struct device *dev);
extern void cdev_device_del(struct cdev *cdev, struct device *dev);
#define cdev_set_parent(cdev, kobj_) ((cdev)->kobj.parent = (kobj_))
#endif
#include <mmtop/common.h>
#endif
