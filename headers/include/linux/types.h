#ifndef MMTOP_LINUX_TYPES_H
#define MMTOP_LINUX_TYPES_H
#include <mmtop/layouts.h>
#endif
