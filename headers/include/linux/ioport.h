#ifndef MMTOP_LINUX_IOPORT_H
#define MMTOP_LINUX_IOPORT_H
#include <linux/types.h>
#include <linux/kernel.h>
#define IORESOURCE_IO 0x100
#define IORESOURCE_MEM 0x200
#define IORESOURCE_IRQ 0x400
#define IORESOURCE_DMA 0x800
#define IORESOURCE_PREFETCH 0x2000
#define IORESOURCE_BUSY 0x80000000
extern struct resource *request_region(resource_size_t start, resource_size_t count, const char *name);
extern void release_region(resource_size_t start, resource_size_t count);
extern struct resource *request_mem_region(resource_size_t start, resource_size_t count, const char *name);
extern void release_mem_region(resource_size_t start, resource_size_t count);
#if MMTOP_ERA < 510
extern int check_region(resource_size_t start, resource_size_t count);
extern int check_mem_region(resource_size_t start, resource_size_t count);
#endif
#define resource_size(resource) ((resource)->end - (resource)->start + 1)
#endif
