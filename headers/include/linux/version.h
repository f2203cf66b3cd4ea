#ifndef MMTOP_LINUX_VERSION_H
#define MMTOP_LINUX_VERSION_H
#include <mmtop/era.h>
#endif
