#ifndef MMTOP_LINUX_CONFIG_H
#define MMTOP_LINUX_CONFIG_H
#include <mmtop/types.h>
#endif
