#ifndef MMTOP_LINUX_AUTOCONF_H
#define MMTOP_LINUX_AUTOCONF_H
#include <mmtop/types.h>
#endif
