#ifndef MMTOP_LINUX_SCHED_USER_H
#define MMTOP_LINUX_SCHED_USER_H
#include <linux/cred.h>
#endif
