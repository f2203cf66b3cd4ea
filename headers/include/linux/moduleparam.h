#ifndef MMTOP_LINUX_MODULEPARAM_H
#define MMTOP_LINUX_MODULEPARAM_H
#include <linux/types.h>
#include <linux/init.h>
#include <linux/stringify.h>
#define KPARAM_ISBOOL 2
#define MODULE_INFO(tag, info) \
	static const char _mmtop_paste(__modinfo_, __COUNTER__)[] \
	__attribute__((used, section(".modinfo"), aligned(1))) = #tag "=" info
#define __MODULE_INFO(tag, name, info) MODULE_INFO(tag, info)
#define MODULE_PARM_DESC(parameter, description) MODULE_INFO(parm, #parameter ":" description)
#define MODULE_PARM_TYPE(parameter, type) MODULE_INFO(parmtype, #parameter ":" type)
#define _mmtop_param(name_, type_, perm_, flags_, arg_, set_, get_, ops_) \
	static const struct kernel_param _mmtop_paste(__param_, name_) \
	__attribute__((used, section("__param"), aligned(4))) = { \
		.name = #name_, .mod = &__this_module, .ops = (ops_), .perm = (perm_), .flags = (flags_), \
		.arg = (void *)(arg_), .type = (type_), .set = (void *)(set_), .get = (void *)(get_), \
	}
extern struct module __this_module;
#define _mmtop_bool_flag(value) (sizeof(value) == 1 ? KPARAM_ISBOOL : 0)
#define module_param_named(name, value, type, perm) \
	_mmtop_param(name, #type, perm, _mmtop_bool_flag(value), &(value), 0, 0, 0); \
	MODULE_PARM_TYPE(name, #type)
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)
#define module_param_string(name, string_, length, perm) \
	static const struct kparam_string _mmtop_paste(__param_string_, name) = {(length), (string_)}; \
	_mmtop_param(name, "string", perm, 0, &_mmtop_paste(__param_string_, name), 0, 0, 0); \
	MODULE_PARM_TYPE(name, "string")
#define module_param_array_named(name, array, type, count, perm) \
	static const struct kparam_array _mmtop_paste(__param_array_, name) = { \
		sizeof(array) / sizeof((array)[0]), sizeof((array)[0]), (unsigned int *)(count), (array)}; \
	_mmtop_param(name, #type "[]", perm, _mmtop_bool_flag((array)[0]), &_mmtop_paste(__param_array_, name), 0, 0, 0); \
	MODULE_PARM_TYPE(name, "array of " #type)
#define module_param_array(name, type, count, perm) module_param_array_named(name, name, type, count, perm)
#define module_param_call(name, set, get, arg, perm) _mmtop_param(name, "", perm, 0, arg, set, get, 0)
#define module_param_cb(name, ops_, arg, perm) _mmtop_param(name, "", perm, 0, arg, 0, 0, ops_)
extern int param_set_byte(const char *value, const struct kernel_param *parameter);
extern int param_get_byte(char *buffer, const struct kernel_param *parameter);
extern int param_set_short(const char *value, const struct kernel_param *parameter);
extern int param_get_short(char *buffer, const struct kernel_param *parameter);
extern int param_set_ushort(const char *value, const struct kernel_param *parameter);
extern int param_get_ushort(char *buffer, const struct kernel_param *parameter);
extern int param_set_int(const char *value, const struct kernel_param *parameter);
extern int param_get_int(char *buffer, const struct kernel_param *parameter);
extern int param_set_uint(const char *value, const struct kernel_param *parameter);
extern int param_get_uint(char *buffer, const struct kernel_param *parameter);
extern int param_set_long(const char *value, const struct kernel_param *parameter);
extern int param_get_long(char *buffer, const struct kernel_param *parameter);
extern int param_set_ulong(const char *value, const struct kernel_param *parameter);
extern int param_get_ulong(char *buffer, const struct kernel_param *parameter);
extern int param_set_ullong(const char *value, const struct kernel_param *parameter);
extern int param_get_ullong(char *buffer, const struct kernel_param *parameter);
extern int param_set_charp(const char *value, const struct kernel_param *parameter);
extern int param_get_charp(char *buffer, const struct kernel_param *parameter);
extern int param_set_bool(const char *value, const struct kernel_param *parameter);
extern int param_get_bool(char *buffer, const struct kernel_param *parameter);
extern int param_set_invbool(const char *value, const struct kernel_param *parameter);
extern int param_get_invbool(char *buffer, const struct kernel_param *parameter);
#define param_ops_byte ((const struct kernel_param_ops){.set = param_set_byte, .get = param_get_byte})
#define param_ops_short ((const struct kernel_param_ops){.set = param_set_short, .get = param_get_short})
#define param_ops_ushort ((const struct kernel_param_ops){.set = param_set_ushort, .get = param_get_ushort})
#define param_ops_int ((const struct kernel_param_ops){.set = param_set_int, .get = param_get_int})
#define param_ops_uint ((const struct kernel_param_ops){.set = param_set_uint, .get = param_get_uint})
#define param_ops_long ((const struct kernel_param_ops){.set = param_set_long, .get = param_get_long})
#define param_ops_ulong ((const struct kernel_param_ops){.set = param_set_ulong, .get = param_get_ulong})
#define param_ops_ullong ((const struct kernel_param_ops){.set = param_set_ullong, .get = param_get_ullong})
#define param_ops_charp ((const struct kernel_param_ops){.set = param_set_charp, .get = param_get_charp})
#define param_ops_bool ((const struct kernel_param_ops){.set = param_set_bool, .get = param_get_bool})
#define param_ops_invbool ((const struct kernel_param_ops){.set = param_set_invbool, .get = param_get_invbool})
#endif
