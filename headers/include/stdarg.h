#ifndef MMTOP_STDARG_H
#define MMTOP_STDARG_H
#include <mmtop/types.h>
#include <linux/stdarg.h>
#endif
