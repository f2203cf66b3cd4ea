#ifndef MMTOP_LINUX_COMPILER_H
#define MMTOP_LINUX_COMPILER_H
#include <mmtop/types.h>
#endif
