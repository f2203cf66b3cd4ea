#ifndef MMTOP_LINUX_CDEV_H
#define MMTOP_LINUX_CDEV_H
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/device.h>
extern void cdev_init(struct cdev *cdev, const struct file_operations *fops);
extern struct cdev *cdev_alloc(void);
extern int cdev_add(struct cdev *cdev, dev_t first, unsigned int count);
extern void cdev_del(struct cdev *cdev);
#if MMTOP_ERA >= 510
#define cdev_set_parent(cdev, kobj_) ((cdev)->kobj.parent = (kobj_))
static inline int cdev_device_add(struct cdev *cdev, struct device *dev)
{
	int error = dev->devt ? cdev_add(cdev, dev->devt, 1) : 0;
	if (error)
		return error;
	error = device_add(dev);
	if (error && dev->devt)
		cdev_del(cdev);
	return error;
}
static inline void cdev_device_del(struct cdev *cdev, struct device *dev)
{
	device_del(dev);
	if (dev->devt)
		cdev_del(cdev);
}
#endif
#include <mmtop/common.h>
#endif
