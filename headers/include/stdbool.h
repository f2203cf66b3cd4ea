#ifndef MMTOP_STDBOOL_H
#define MMTOP_STDBOOL_H
#include <mmtop/types.h>
#endif
