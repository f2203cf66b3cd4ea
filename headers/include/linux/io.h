#ifndef MMTOP_LINUX_IO_H
#define MMTOP_LINUX_IO_H
#include <asm/io.h>
#endif
