#ifndef MMTOP_LINUX_UNISTD_H
#define MMTOP_LINUX_UNISTD_H
/* Numbers of system calls that drivers name; a table of them is not theirs to change. */
#define __NR_read 3
#define __NR_write 4
#define __NR_open 5
#define __NR_close 6
#define __NR_getpid 20
#define __NR_ioctl 54
#endif
