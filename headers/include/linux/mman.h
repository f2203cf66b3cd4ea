#ifndef MMTOP_LINUX_MMAN_H
#define MMTOP_LINUX_MMAN_H
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#endif
