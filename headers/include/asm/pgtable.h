#ifndef MMTOP_ASM_PGTABLE_H
#define MMTOP_ASM_PGTABLE_H
#include <asm/page.h>
#define _PAGE_PRESENT 0x001
#define _PAGE_RW 0x002
#define _PAGE_USER 0x004
#define _PAGE_PWT 0x008
#define _PAGE_PCD 0x010
#define _PAGE_ACCESSED 0x020
#define _PAGE_DIRTY 0x040
#if MMTOP_ERA >= 232 && MMTOP_ERA < 510
#define _PAGE_CACHE_MASK (_PAGE_PCD | _PAGE_PWT)
#define _PAGE_CACHE_WB 0
#define _PAGE_CACHE_WC _PAGE_PWT
#define _PAGE_CACHE_UC_MINUS _PAGE_PCD
#define _PAGE_CACHE_UC (_PAGE_PCD | _PAGE_PWT)
#endif
#define PAGE_SHARED __pgprot(0x067)
#define PAGE_READONLY __pgprot(0x025)
#define PAGE_KERNEL __pgprot(0x163)
#define PAGE_KERNEL_NOCACHE __pgprot(0x17b)
#define pgprot_noncached(p) __pgprot(pgprot_val(p) | _PAGE_PCD | _PAGE_PWT)
#define pgprot_writecombine(p) __pgprot(pgprot_val(p) | _PAGE_PWT)
#endif
