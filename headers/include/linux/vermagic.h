#ifndef MMTOP_LINUX_VERMAGIC_H
#define MMTOP_LINUX_VERMAGIC_H
#include <mmtop/era.h>
#endif
