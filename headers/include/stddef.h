#ifndef MMTOP_STDDEF_H
#define MMTOP_STDDEF_H
#include <mmtop/types.h>
#endif
