#ifndef MMTOP_LINUX_STDDEF_H
#define MMTOP_LINUX_STDDEF_H
#include <mmtop/types.h>
#endif
