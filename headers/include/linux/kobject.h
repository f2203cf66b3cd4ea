#ifndef MMTOP_LINUX_KOBJECT_H
#define MMTOP_LINUX_KOBJECT_H
#include <linux/types.h>
#include <linux/list.h>
#include <linux/kref.h>
#include <linux/sysfs.h>
struct sysfs_ops {
	ssize_t (*show)(struct kobject *, struct attribute *, char *);
	ssize_t (*store)(struct kobject *, struct attribute *, const char *, size_t);
};
struct kobj_type {
	void (*release)(struct kobject *);
	const struct sysfs_ops *sysfs_ops;
	struct attribute **default_attrs;
	const struct attribute_group **default_groups;
};
struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *, struct kobj_attribute *, char *);
	ssize_t (*store)(struct kobject *, struct kobj_attribute *, const char *, size_t);
};
#define __ATTR_RO(name_) {.attr = {.name = #name_, .mode = 0444}, .show = name_##_show}
#define __ATTR_WO(name_) {.attr = {.name = #name_, .mode = 0200}, .store = name_##_store}
#define __ATTR_RW(name_) __ATTR(name_, 0644, name_##_show, name_##_store)
struct kobj_uevent_env { char *envp[32]; int envp_idx; char buf[2048]; int buflen; };
extern int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...) __printf(2, 3);
extern int kobject_set_name(struct kobject *kobj, const char *format, ...) __printf(2, 3);
#define kobject_name(kobject_) ((kobject_)->name)
extern struct kobject *kobject_get(struct kobject *kobj);
extern void kobject_put(struct kobject *kobj);
#if MMTOP_ERA >= 232
extern struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);
extern int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *type, struct kobject *parent, const char *format, ...);
extern void kobject_del(struct kobject *kobj);
extern struct kobject *kernel_kobj, *mm_kobj;
#else
extern int kobject_register(struct kobject *kobj);
extern void kobject_unregister(struct kobject *kobj);
#endif
#endif
