#ifndef MMTOP_GENERATED_UTSRELEASE_H
#define MMTOP_GENERATED_UTSRELEASE_H
#include <mmtop/era.h>
#endif
