#ifndef MMTOP_LINUX_FCNTL_H
#define MMTOP_LINUX_FCNTL_H
#define O_ACCMODE 03
#define O_RDONLY 00
#define O_WRONLY 01
#define O_RDWR 02
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_NDELAY O_NONBLOCK
#define FASYNC 020000
#define O_DIRECT 040000
#define O_LARGEFILE 0100000
#include <mmtop/era.h>
/* O_DSYNC has had O_SYNC's old bit, and O_SYNC a second one, since 2.6.33. */
#if MMTOP_ERA >= 302
#define O_DSYNC 010000
#define O_SYNC 04010000
#else
#define O_SYNC 010000
#endif
#endif
