#ifndef MMTOP_LINUX_MATH_H
#define MMTOP_LINUX_MATH_H
#include <linux/kernel.h>
#endif
