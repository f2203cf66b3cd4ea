#ifndef MMTOP_LINUX_UTSRELEASE_H
#define MMTOP_LINUX_UTSRELEASE_H
#include <mmtop/era.h>
#endif
