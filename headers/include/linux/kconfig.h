#ifndef MMTOP_LINUX_KCONFIG_H
#define MMTOP_LINUX_KCONFIG_H
#include <mmtop/types.h>
#endif
