#ifndef MMTOP_LINUX_GFP_H
#define MMTOP_LINUX_GFP_H
#include <asm/page.h>
/* One set of bits in every era: the kernel's own. */
#define __GFP_DMA 0x01u
#define __GFP_HIGHMEM 0x02u
#define __GFP_DMA32 0x04u
#define __GFP_MOVABLE 0x08u
#define __GFP_WAIT 0x10u
#define __GFP_HIGH 0x20u
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_COLD 0x100u
#define __GFP_NOWARN 0x200u
#define __GFP_REPEAT 0x400u
#define __GFP_NOFAIL 0x800u
#define __GFP_NORETRY 0x1000u
#define __GFP_COMP 0x4000u
#define __GFP_ZERO 0x8000u
#define __GFP_HARDWALL 0x20000u
#define __GFP_RECLAIM __GFP_WAIT
#define __GFP_DIRECT_RECLAIM __GFP_WAIT
#define __GFP_KSWAPD_RECLAIM 0
#define __GFP_RETRY_MAYFAIL __GFP_REPEAT
#define GFP_ATOMIC __GFP_HIGH
#define GFP_NOWAIT (GFP_ATOMIC & ~__GFP_HIGH)
#define GFP_NOIO __GFP_WAIT
#define GFP_NOFS (__GFP_WAIT | __GFP_IO)
#define GFP_KERNEL (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_USER (GFP_KERNEL | __GFP_HARDWALL)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32
#define GFP_TEMPORARY GFP_KERNEL
#define GFP_KERNEL_ACCOUNT GFP_KERNEL
extern struct page *alloc_pages(gfp_t gfp, unsigned int order);
extern unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
extern void __free_pages(struct page *page, unsigned int order);
extern void free_pages(unsigned long address, unsigned int order);
extern void *alloc_pages_exact(size_t size, gfp_t gfp);
extern void free_pages_exact(void *address, size_t size);
#define alloc_page(gfp) alloc_pages((gfp), 0)
#define alloc_pages_node(node, gfp, order) alloc_pages((gfp), (order))
#define __get_free_page(gfp) __get_free_pages((gfp), 0)
#define __get_dma_pages(gfp, order) __get_free_pages((gfp) | GFP_DMA, (order))
#define get_zeroed_page(gfp) __get_free_pages((gfp) | __GFP_ZERO, 0)
#define __free_page(page) __free_pages((page), 0)
#define free_page(address) free_pages((address), 0)
#endif
