#ifndef MMTOP_ASM_PARAM_H
#define MMTOP_ASM_PARAM_H
#include <mmtop/types.h>
#endif
