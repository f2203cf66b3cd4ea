/* As programs of the 2.6 kernels used it: a function for a system call that their library did not have. */
#ifndef MMTOP_LIBC_LINUX_UNISTD_H
#define MMTOP_LIBC_LINUX_UNISTD_H
#include "../libc.h"
#define __NR_read 3
#define __NR_write 4
#define __NR_open 5
#define __NR_close 6
#define __NR_getpid 20
#define __NR_ioctl 54
#define __NR_syslog 103
#define __NR_uname 122
#define __NR_sched_yield 158
#define __NR_gettid 224
#define __NR_io_setup 245
#define __NR_io_destroy 246
#define __NR_io_getevents 247
#define __NR_io_submit 248
#define __NR_io_cancel 249
#define _syscall0(type, name) \
	type name(void) { return (type)mmtop_result(syscall3(__NR_##name, 0, 0, 0)); }
#define _syscall1(type, name, ta, a) \
	type name(ta a) { return (type)mmtop_result(syscall3(__NR_##name, a, 0, 0)); }
#define _syscall2(type, name, ta, a, tb, b) \
	type name(ta a, tb b) { return (type)mmtop_result(syscall3(__NR_##name, a, b, 0)); }
#define _syscall3(type, name, ta, a, tb, b, tc, c) \
	type name(ta a, tb b, tc c) { return (type)mmtop_result(syscall3(__NR_##name, a, b, c)); }
#endif
