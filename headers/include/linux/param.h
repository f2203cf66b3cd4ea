#ifndef MMTOP_LINUX_PARAM_H
#define MMTOP_LINUX_PARAM_H
#include <mmtop/types.h>
#endif
