#ifndef MMTOP_LINUX_KMOD_H
#define MMTOP_LINUX_KMOD_H
#include <linux/module.h>
#endif
