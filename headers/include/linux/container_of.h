#ifndef MMTOP_LINUX_CONTAINER_OF_H
#define MMTOP_LINUX_CONTAINER_OF_H
#include <linux/kernel.h>
#endif
