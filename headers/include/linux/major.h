#ifndef MMTOP_LINUX_MAJOR_H
#define MMTOP_LINUX_MAJOR_H
#define MEM_MAJOR 1
#define MISC_MAJOR 10
#endif
