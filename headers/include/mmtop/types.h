/* Numbers, and what compilers are told. */
#ifndef MMTOP_MMTOP_TYPES_H
#define MMTOP_MMTOP_TYPES_H
#include <mmtop/era.h>
#include <mmtop/config.h>
#include <mmtop/compiler.h>

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;

typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef __s8 int8_t;
typedef __s16 int16_t;
typedef __s32 int32_t;
typedef __s64 int64_t;
typedef __u8 u_int8_t;
typedef __u16 u_int16_t;
typedef __u32 u_int32_t;

typedef __u16 __le16, __be16;
typedef __u32 __le32, __be32, __wsum;
typedef __u64 __le64, __be64;

typedef unsigned char u_char, unchar;
typedef unsigned short u_short, ushort;
typedef unsigned int u_int, uint;
typedef unsigned long u_long, ulong;

typedef __SIZE_TYPE__ size_t;
typedef int ssize_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef unsigned long uintptr_t;
typedef long intptr_t;
typedef long off_t;
typedef long long loff_t;
typedef int pid_t;
typedef unsigned short umode_t;
typedef unsigned short mode_t;
typedef unsigned short nlink_t;
typedef long clock_t;
typedef long time_t;
typedef long long time64_t;
typedef long suseconds_t;
typedef int clockid_t;
typedef int timer_t;
typedef unsigned int __kernel_uid_t;
typedef __kernel_uid_t uid_t;
typedef __kernel_uid_t gid_t;
typedef __kernel_uid_t uid32_t;
typedef char *caddr_t;
typedef unsigned long sector_t;
typedef unsigned long blkcnt_t;
typedef unsigned long irq_hw_number_t;
typedef unsigned long pgoff_t;
typedef unsigned int gfp_t;
typedef unsigned int slab_flags_t;
typedef unsigned int fmode_t;
typedef unsigned int __poll_t;
typedef unsigned int dev_t;
typedef __u32 __kernel_dev_t;
typedef u32 dma_addr_t;
typedef u32 phys_addr_t;
typedef u32 resource_size_t;
typedef u64 cycles_t;
typedef __builtin_va_list va_list;

/* A user's number is a type of its own since 3.5. */
#if MMTOP_ERA >= 510
typedef struct { uid_t val; } kuid_t;
typedef struct { gid_t val; } kgid_t;
#else
typedef uid_t kuid_t;
typedef gid_t kgid_t;
#endif

/* A fault handler answers with a type of its own since 4.17. */
typedef unsigned int vm_fault_t;
typedef unsigned long vm_flags_t;

#if !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L)
typedef _Bool bool;
enum { false = 0, true = 1 };
#endif
#ifndef NULL
#define NULL ((void *)0)
#endif

#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 31) / 32]
#endif
