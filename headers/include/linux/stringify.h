#ifndef MMTOP_LINUX_STRINGIFY_H
#define MMTOP_LINUX_STRINGIFY_H
#include <mmtop/types.h>
#endif
