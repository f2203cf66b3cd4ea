#ifndef MMTOP_LINUX_DEVICE_H
#define MMTOP_LINUX_DEVICE_H
#include <linux/types.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/semaphore.h>
#include <linux/mutex.h>
struct device_attribute {
	struct attribute attr;
#if MMTOP_ERA >= 232
	ssize_t (*show)(struct device *, struct device_attribute *, char *);
	ssize_t (*store)(struct device *, struct device_attribute *, const char *, size_t);
#else
	ssize_t (*show)(struct device *, char *);
	ssize_t (*store)(struct device *, const char *, size_t);
#endif
};
struct driver_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device_driver *, char *);
	ssize_t (*store)(struct device_driver *, const char *, size_t);
};
struct bus_attribute {
	struct attribute attr;
#if MMTOP_ERA >= 618
	ssize_t (*show)(const struct bus_type *, char *);
	ssize_t (*store)(const struct bus_type *, const char *, size_t);
#else
	ssize_t (*show)(struct bus_type *, char *);
	ssize_t (*store)(struct bus_type *, const char *, size_t);
#endif
};
struct class_attribute {
	struct attribute attr;
#if MMTOP_ERA >= 618
	ssize_t (*show)(const struct class *, const struct class_attribute *, char *);
	ssize_t (*store)(const struct class *, const struct class_attribute *, const char *, size_t);
#else
	ssize_t (*show)(struct class *, struct class_attribute *, char *);
	ssize_t (*store)(struct class *, struct class_attribute *, const char *, size_t);
#endif
};
#define DEVICE_ATTR(name_, mode, show, store) struct device_attribute dev_attr_##name_ = __ATTR(name_, mode, show, store)
#define DEVICE_ATTR_RO(name_) struct device_attribute dev_attr_##name_ = __ATTR_RO(name_)
#define DEVICE_ATTR_WO(name_) struct device_attribute dev_attr_##name_ = __ATTR_WO(name_)
#define DEVICE_ATTR_RW(name_) struct device_attribute dev_attr_##name_ = __ATTR_RW(name_)
#define DRIVER_ATTR(name_, mode, show, store) struct driver_attribute driver_attr_##name_ = __ATTR(name_, mode, show, store)
#define DRIVER_ATTR_RO(name_) struct driver_attribute driver_attr_##name_ = __ATTR_RO(name_)
#define BUS_ATTR(name_, mode, show, store) struct bus_attribute bus_attr_##name_ = __ATTR(name_, mode, show, store)
#define BUS_ATTR_RO(name_) struct bus_attribute bus_attr_##name_ = __ATTR_RO(name_)
#define CLASS_ATTR_RO(name_) struct class_attribute class_attr_##name_ = __ATTR_RO(name_)
#define CLASS_ATTR_RW(name_) struct class_attribute class_attr_##name_ = __ATTR_RW(name_)
extern int bus_register(struct bus_type *bus);
extern void bus_unregister(struct bus_type *bus);
extern int bus_create_file(struct bus_type *bus, struct bus_attribute *attribute);
extern void bus_remove_file(struct bus_type *bus, struct bus_attribute *attribute);
extern int bus_for_each_dev(struct bus_type *bus, struct device *start, void *data, int (*function)(struct device *, void *));
extern int driver_register(struct device_driver *driver);
extern void driver_unregister(struct device_driver *driver);
extern int driver_create_file(struct device_driver *driver, const struct driver_attribute *attribute);
extern void driver_remove_file(struct device_driver *driver, const struct driver_attribute *attribute);
extern void device_initialize(struct device *dev);
extern int device_add(struct device *dev);
extern void device_del(struct device *dev);
extern int device_register(struct device *dev);
extern void device_unregister(struct device *dev);
extern int device_create_file(struct device *dev, const struct device_attribute *attribute);
extern void device_remove_file(struct device *dev, const struct device_attribute *attribute);
extern struct device *get_device(struct device *dev);
extern void put_device(struct device *dev);
static inline void *dev_get_drvdata(const struct device *dev) { return dev->driver_data; }
static inline void dev_set_drvdata(struct device *dev, void *data) { dev->driver_data = data; }
#define to_device(kobject_) container_of(kobject_, struct device, kobj)
#define kobj_to_dev(kobject_) container_of(kobject_, struct device, kobj)
#if MMTOP_ERA >= 232
extern const char *dev_name(const struct device *dev);
extern int dev_set_name(struct device *dev, const char *format, ...) __printf(2, 3);
#else
#define dev_name(dev) ((dev)->bus_id)
#define BUS_ID_SIZE 20
#define DEVICE_NAME_SIZE 50
#define DEVICE_ID_SIZE 32
#endif
#if MMTOP_ERA >= 618
extern struct class *class_create(const char *name);
extern int class_register(const struct class *class_);
extern void class_unregister(const struct class *class_);
extern void class_destroy(const struct class *class_);
extern struct device *device_create(const struct class *class_, struct device *parent, dev_t devt, void *data, const char *format, ...)
	__printf(5, 6);
extern void device_destroy(const struct class *class_, dev_t devt);
#else
extern struct class *class_create(struct module *owner, const char *name);
extern int class_register(struct class *class_);
extern void class_unregister(struct class *class_);
extern void class_destroy(struct class *class_);
#if MMTOP_ERA >= 232
extern struct device *device_create(struct class *class_, struct device *parent, dev_t devt, void *data, const char *format, ...)
	__printf(5, 6);
extern void device_destroy(struct class *class_, dev_t devt);
#else
/* Classes of character devices had interfaces of their own until 2.6.26. */
struct class_simple;
struct class_device;
extern struct class_simple *class_simple_create(struct module *owner, char *name);
extern void class_simple_destroy(struct class_simple *class_);
extern struct class_device *class_simple_device_add(struct class_simple *class_, dev_t devt, struct device *dev, const char *format, ...);
extern void class_simple_device_remove(dev_t devt);
extern struct class_device *class_device_create(struct class *class_, dev_t devt, struct device *dev, const char *format, ...);
extern void class_device_destroy(struct class *class_, dev_t devt);
#endif
#endif
extern int _dev_printk(int level, const struct device *dev, const char *format, ...) __printf(3, 4);
#define dev_emerg(dev, format, ...) _dev_printk(0, (dev), format, ##__VA_ARGS__)
#define dev_alert(dev, format, ...) _dev_printk(1, (dev), format, ##__VA_ARGS__)
#define dev_crit(dev, format, ...) _dev_printk(2, (dev), format, ##__VA_ARGS__)
#define dev_err(dev, format, ...) _dev_printk(3, (dev), format, ##__VA_ARGS__)
#define dev_warn(dev, format, ...) _dev_printk(4, (dev), format, ##__VA_ARGS__)
#define dev_notice(dev, format, ...) _dev_printk(5, (dev), format, ##__VA_ARGS__)
#define dev_info(dev, format, ...) _dev_printk(6, (dev), format, ##__VA_ARGS__)
#ifdef DEBUG
#define dev_dbg(dev, format, ...) _dev_printk(7, (dev), format, ##__VA_ARGS__)
#else
#define dev_dbg(dev, format, ...) do { if (0) _dev_printk(7, (dev), format, ##__VA_ARGS__); } while (0)
#endif
#if MMTOP_ERA >= 302
extern void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp);
#define devm_kzalloc(dev, size, gfp) devm_kmalloc((dev), (size), (gfp) | __GFP_ZERO)
extern void devm_kfree(struct device *dev, const void *object);
#endif
#include <mmtop/common.h>
#endif
