#ifndef MMTOP_LINUX_PFN_H
#define MMTOP_LINUX_PFN_H
#include <asm/page.h>
#endif
