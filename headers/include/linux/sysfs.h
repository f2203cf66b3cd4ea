#ifndef MMTOP_LINUX_SYSFS_H
#define MMTOP_LINUX_SYSFS_H
#include <linux/types.h>
#define __ATTR(name_, mode_, show_, store_) {.attr = {.name = #name_, .mode = (mode_)}, .show = (show_), .store = (store_)}
#define __ATTR_NULL {.attr = {.name = NULL}}
#define ATTRIBUTE_GROUPS(name_) \
	static const struct attribute_group name_##_group = {.attrs = name_##_attrs}; \
	static const struct attribute_group *name_##_groups[] = {&name_##_group, NULL}
extern int sysfs_create_file(struct kobject *kobj, const struct attribute *attribute);
extern void sysfs_remove_file(struct kobject *kobj, const struct attribute *attribute);
extern int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group);
extern void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group);
#if MMTOP_ERA >= 601
extern int sysfs_emit(char *buffer, const char *format, ...) __printf(2, 3);
extern int sysfs_emit_at(char *buffer, int at, const char *format, ...) __printf(3, 4);
#endif
#endif
