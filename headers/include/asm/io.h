#ifndef MMTOP_ASM_IO_H
#define MMTOP_ASM_IO_H
#include <asm/page.h>
#include <linux/types.h>
#define virt_to_phys(x) __pa(x)
#define phys_to_virt(x) __va(x)
#if MMTOP_ERA < 510
#define virt_to_bus(x) __pa(x)
#define bus_to_virt(x) __va(x)
#define isa_virt_to_bus(x) __pa(x)
#endif
#define IO_SPACE_LIMIT 0xffff
extern void __iomem *ioremap(resource_size_t start, unsigned long size);
extern void __iomem *ioremap_nocache(resource_size_t start, unsigned long size);
#define ioremap_uc(start, size) ioremap((start), (size))
#if MMTOP_ERA >= 232
extern void __iomem *ioremap_cache(resource_size_t start, unsigned long size);
extern void __iomem *ioremap_wc(resource_size_t start, unsigned long size);
#endif
extern void iounmap(volatile void __iomem *address);
extern void *memremap(resource_size_t start, size_t size, unsigned long flags);
extern void memunmap(void *address);
#define MEMREMAP_WB 1
/* Device memory is read and written by plain instructions, each of its width and in order. */
#define _mmtop_mmio(suffix, type) \
	static inline type read##suffix(const volatile void __iomem *at) { return *(const volatile type *)at; } \
	static inline void write##suffix(type value, volatile void __iomem *at) { *(volatile type *)at = value; }
_mmtop_mmio(b, u8)
_mmtop_mmio(w, u16)
_mmtop_mmio(l, u32)
#define readb_relaxed readb
#define readw_relaxed readw
#define readl_relaxed readl
#define writeb_relaxed writeb
#define writew_relaxed writew
#define writel_relaxed writel
#define __raw_readb readb
#define __raw_readw readw
#define __raw_readl readl
#define __raw_writeb writeb
#define __raw_writew writew
#define __raw_writel writel
#define mmiowb() barrier()
#if MMTOP_ERA < 232
/* ISA memory, from 640 KB to 1 MB, lies in the kernel's own mapping of low memory. */
#define isa_readb(a) readb((void *)(PAGE_OFFSET + (a)))
#define isa_readw(a) readw((void *)(PAGE_OFFSET + (a)))
#define isa_readl(a) readl((void *)(PAGE_OFFSET + (a)))
#define isa_writeb(v, a) writeb((v), (void *)(PAGE_OFFSET + (a)))
#define isa_writew(v, a) writew((v), (void *)(PAGE_OFFSET + (a)))
#define isa_writel(v, a) writel((v), (void *)(PAGE_OFFSET + (a)))
#define isa_memcpy_fromio(to, a, n) memcpy_fromio((to), (void *)(PAGE_OFFSET + (a)), (n))
#define isa_memcpy_toio(a, from, n) memcpy_toio((void *)(PAGE_OFFSET + (a)), (from), (n))
#endif
#define _mmtop_port(suffix, type, reg) \
	static inline type in##suffix(unsigned int port) \
	{ \
		type value; \
		__asm__ volatile("in" #suffix " %w1, %" reg "0" : "=a"(value) : "Nd"(port)); \
		return value; \
	} \
	static inline void out##suffix(type value, unsigned int port) \
	{ \
		__asm__ volatile("out" #suffix " %" reg "0, %w1" :: "a"(value), "Nd"(port)); \
	} \
	static inline type in##suffix##_p(unsigned int port) \
	{ \
		type value = in##suffix(port); \
		__asm__ volatile("outb %al, $0x80"); \
		return value; \
	} \
	static inline void out##suffix##_p(type value, unsigned int port) \
	{ \
		out##suffix(value, port); \
		__asm__ volatile("outb %al, $0x80"); \
	} \
	static inline void ins##suffix(unsigned int port, void *to, unsigned long count) \
	{ \
		__asm__ volatile("rep; ins" #suffix : "+D"(to), "+c"(count) : "d"(port) : "memory"); \
	} \
	static inline void outs##suffix(unsigned int port, const void *from, unsigned long count) \
	{ \
		__asm__ volatile("rep; outs" #suffix : "+S"(from), "+c"(count) : "d"(port) : "memory"); \
	}
_mmtop_port(b, u8, "b")
_mmtop_port(w, u16, "w")
_mmtop_port(l, u32, "")
extern void memcpy_fromio(void *to, const volatile void __iomem *from, size_t n);
extern void memcpy_toio(volatile void __iomem *to, const void *from, size_t n);
extern void memset_io(volatile void __iomem *at, int byte, size_t n);
/* One set of functions for device memory and ports: an address below 64 KiB, plus 64 KiB, is a port. */
#define PIO_OFFSET 0x10000UL
#define _mmtop_is_port(at) ((unsigned long)(at) < 2 * PIO_OFFSET)
#define _mmtop_portof(at) ((unsigned int)((unsigned long)(at) & 0xffff))
#define _mmtop_io(bits, suffix) \
	static inline u##bits ioread##bits(const volatile void __iomem *at) \
	{ \
		return _mmtop_is_port(at) ? in##suffix(_mmtop_portof(at)) : read##suffix(at); \
	} \
	static inline void iowrite##bits(u##bits value, volatile void __iomem *at) \
	{ \
		if (_mmtop_is_port(at)) out##suffix(value, _mmtop_portof(at)); else write##suffix(value, at); \
	} \
	static inline void ioread##bits##_rep(const volatile void __iomem *at, void *to, unsigned long count) \
	{ \
		u##bits *each = to; \
		while (count--) *each++ = ioread##bits(at); \
	} \
	static inline void iowrite##bits##_rep(volatile void __iomem *at, const void *from, unsigned long count) \
	{ \
		const u##bits *each = from; \
		while (count--) iowrite##bits(*each++, at); \
	}
_mmtop_io(8, b)
_mmtop_io(16, w)
_mmtop_io(32, l)
static inline void __iomem *ioport_map(unsigned long port, unsigned int count) { return (void *)(port + PIO_OFFSET); }
static inline void ioport_unmap(void __iomem *address) { }
#endif
