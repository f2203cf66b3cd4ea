#ifndef MMTOP_LINUX_WRAPPER_H
#define MMTOP_LINUX_WRAPPER_H
#include <linux/mm.h>
#endif
