#ifndef MMTOP_GENERATED_AUTOCONF_H
#define MMTOP_GENERATED_AUTOCONF_H
#include <mmtop/types.h>
#endif
