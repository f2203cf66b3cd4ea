#ifndef MMTOP_LINUX_KERNEL_H
#define MMTOP_LINUX_KERNEL_H
#include <linux/types.h>
#include <linux/const.h>
#include <linux/limits.h>
#include <linux/linkage.h>
#include <linux/printk.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/stdarg.h>
#include <linux/bitops.h>
#include <asm/byteorder.h>
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define LLONG_MAX ((long long)(~0ULL >> 1))
#define ULLONG_MAX (~0ULL)
#define USHRT_MAX ((u16)~0U)
#define SHRT_MAX ((s16)(USHRT_MAX >> 1))
#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#define S32_MAX ((s32)(U32_MAX >> 1))
#define SIZE_MAX (~(size_t)0)
#define STACK_MAGIC 0xdeadbeef
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ALIGN(x, a) (((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) (((n) + (d) / 2) / (d))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ((x) - ((x) % (y)))
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))((y) - 1)))
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)(n))
#define abs(x) ({ __typeof__(x) _x = (x); _x < 0 ? -_x : _x; })
#define labs(x) abs(x)
#define typecheck(type, x) 1
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))
#define _THIS_IP_ ({ __label__ _here; _here: (unsigned long)&&_here; })
#define HIPQUAD(a) ((unsigned char *)&a)[3], ((unsigned char *)&a)[2], ((unsigned char *)&a)[1], ((unsigned char *)&a)[0]
#define DECLARE_FLEX_ARRAY(type, name) type name[0]
#define SYSTEM_RUNNING 1

extern int sprintf(char *buffer, const char *format, ...) __printf(2, 3);
extern int snprintf(char *buffer, size_t size, const char *format, ...) __printf(3, 4);
extern int scnprintf(char *buffer, size_t size, const char *format, ...) __printf(3, 4);
extern int vsprintf(char *buffer, const char *format, va_list args);
extern int vsnprintf(char *buffer, size_t size, const char *format, va_list args);
extern int vscnprintf(char *buffer, size_t size, const char *format, va_list args);
extern char *kasprintf(gfp_t gfp, const char *format, ...) __printf(2, 3);
extern char *kvasprintf(gfp_t gfp, const char *format, va_list args);
extern int sscanf(const char *text, const char *format, ...) __scanf(2, 3);
extern unsigned long simple_strtoul(const char *text, char **end, unsigned int base);
extern long simple_strtol(const char *text, char **end, unsigned int base);
extern unsigned long long simple_strtoull(const char *text, char **end, unsigned int base);
extern long long simple_strtoll(const char *text, char **end, unsigned int base);
#if MMTOP_ERA >= 232 && MMTOP_ERA < 510
extern int strict_strtoul(const char *text, unsigned int base, unsigned long *result);
extern int strict_strtol(const char *text, unsigned int base, long *result);
extern int strict_strtoull(const char *text, unsigned int base, unsigned long long *result);
extern int strict_strtoll(const char *text, unsigned int base, long long *result);
#endif
#if MMTOP_ERA >= 302
extern int kstrtoull(const char *text, unsigned int base, unsigned long long *result);
extern int kstrtoll(const char *text, unsigned int base, long long *result);
extern int kstrtoul(const char *text, unsigned int base, unsigned long *result);
extern int kstrtol(const char *text, unsigned int base, long *result);
extern int kstrtouint(const char *text, unsigned int base, unsigned int *result);
extern int kstrtoint(const char *text, unsigned int base, int *result);
extern int kstrtou16(const char *text, unsigned int base, u16 *result);
extern int kstrtos16(const char *text, unsigned int base, s16 *result);
extern int kstrtou8(const char *text, unsigned int base, u8 *result);
extern int kstrtos8(const char *text, unsigned int base, s8 *result);
extern int kstrtoull_from_user(const char __user *text, size_t count, unsigned int base, unsigned long long *result);
extern int kstrtoul_from_user(const char __user *text, size_t count, unsigned int base, unsigned long *result);
extern int kstrtol_from_user(const char __user *text, size_t count, unsigned int base, long *result);
extern int kstrtouint_from_user(const char __user *text, size_t count, unsigned int base, unsigned int *result);
extern int kstrtoint_from_user(const char __user *text, size_t count, unsigned int base, int *result);
#define kstrtou32 kstrtouint
#define kstrtos32 kstrtoint
#define kstrtou64 kstrtoull
#define kstrtos64 kstrtoll
#endif
#if MMTOP_ERA >= 510
extern int kstrtobool(const char *text, bool *result);
extern int kstrtobool_from_user(const char __user *text, size_t count, bool *result);
#endif
extern void panic(const char *format, ...) __printf(1, 2) __noreturn;
extern void add_taint(unsigned flag, int lockdep_ok);
extern int hex_to_bin(unsigned char character);
extern unsigned long int_sqrt(unsigned long value);
extern void __might_sleep_at(const char *file, int line);
#define might_sleep() __might_sleep_at(__FILE__, __LINE__)
#define might_sleep_if(condition) do { if (condition) might_sleep(); } while (0)
#define trace_printk(format, ...) printk(KERN_DEBUG format, ##__VA_ARGS__)
#endif
