#ifndef MMTOP_LINUX_LINKAGE_H
#define MMTOP_LINUX_LINKAGE_H
#include <mmtop/types.h>
#define EXPORT_NO_SYMBOLS
#endif
