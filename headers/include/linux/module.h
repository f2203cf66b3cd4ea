#ifndef MMTOP_LINUX_MODULE_H
#define MMTOP_LINUX_MODULE_H
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/kobject.h>
#include <linux/stat.h>
#include <linux/stringify.h>
#include <linux/string.h>
#include <linux/cache.h>
#include <linux/rbtree.h>
#ifndef MODULE
#define MODULE 1
#endif
#define THIS_MODULE (&__this_module)
#define MODULE_NAME_LEN 60
#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "module"
#endif
MODULE_INFO(vermagic, MMTOP_VERMAGIC);
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_IMPORT_NS(name) MODULE_INFO(import_ns, __stringify(name))
#define MODULE_SUPPORTED_DEVICE(device)
#define MODULE_DEVICE_TABLE(type, name) extern __typeof__(name) _mmtop_paste(__mod_device_table_, __COUNTER__) __maybe_unused
#define MODULE_ALIAS_CHARDEV_MAJOR(major)
#define MODULE_ALIAS_CHARDEV(major, minor)
#define MODULE_ALIAS_MISCDEV(minor)
extern int try_module_get(struct module *module);
extern void __module_get(struct module *module);
extern void module_put(struct module *module);
extern unsigned int module_refcount(struct module *module);
#define module_name(module) ((module)->name)
#define module_is_live(module) 1
extern int request_module(const char *name, ...);
extern void *__symbol_get(const char *name);
extern void __symbol_put(const char *name);
#define symbol_get(x) ((__typeof__(&x))__symbol_get(#x))
#define symbol_put(x) __symbol_put(#x)
#define module_driver(driver, register, unregister) \
	static int __init driver##_init(void) { return register(&(driver)); } \
	module_init(driver##_init); \
	static void __exit driver##_exit(void) { unregister(&(driver)); } \
	module_exit(driver##_exit)
#include <mmtop/common.h>
#endif
