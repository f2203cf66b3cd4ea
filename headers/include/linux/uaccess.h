#ifndef MMTOP_LINUX_UACCESS_H
#define MMTOP_LINUX_UACCESS_H
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <asm/page.h>
#define VERIFY_READ 0
#define VERIFY_WRITE 1
#define TASK_SIZE PAGE_OFFSET
#define _mmtop_user_range(at, n) ((unsigned long)(n) <= PAGE_OFFSET && (unsigned long)(at) <= PAGE_OFFSET - (unsigned long)(n))
#if MMTOP_ERA >= 510
#define access_ok(at, n) _mmtop_user_range(at, n)
#else
#define access_ok(type, at, n) _mmtop_user_range(at, n)
#endif
extern unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
extern unsigned long copy_from_user(void *to, const void __user *from, unsigned long n);
extern unsigned long __copy_to_user(void __user *to, const void *from, unsigned long n);
extern unsigned long __copy_from_user(void *to, const void __user *from, unsigned long n);
#define __copy_to_user_inatomic __copy_to_user
#define __copy_from_user_inatomic __copy_from_user
#if MMTOP_ERA >= 510
extern long copy_from_kernel_nofault(void *to, const void *from, size_t n);
#endif
extern unsigned long clear_user(void __user *at, unsigned long n);
extern long strncpy_from_user(char *to, const char __user *from, long n);
extern long strnlen_user(const char __user *text, long n);
#define strlen_user(text) strnlen_user((text), 0x7fffffff)
/* 0 or -EFAULT. @param size 1, 2, 4 or 8 bytes */
extern int __put_user_size(const void *value, void __user *to, unsigned int size);
extern int __get_user_size(void *value, const void __user *from, unsigned int size);
#define put_user(value, at) ({ \
	__typeof__(*(at)) _value = (__typeof__(*(at)))(value); \
	__put_user_size(&_value, (void *)(at), sizeof(_value)); \
})
#define get_user(variable, at) ({ \
	__typeof__(*(at) + 0) _value = 0; \
	int _error = __get_user_size(&_value, (const void *)(at), sizeof(*(at))); \
	(variable) = (__typeof__(variable))(__typeof__(*(at)))_value; \
	_error; \
})
#define __put_user(value, at) put_user(value, at)
#define __get_user(variable, at) get_user(variable, at)
#define segment_eq(a, b) ((a) == (b))
#include <linux/string.h>
#endif
