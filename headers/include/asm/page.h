#ifndef MMTOP_ASM_PAGE_H
#define MMTOP_ASM_PAGE_H
#include <linux/types.h>
#include <linux/mm_types.h>
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_OFFSET 0xc0000000UL
#define PAGE_ALIGN(x) (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGNED(x) (((unsigned long)(x) & ~PAGE_MASK) == 0)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define __pa(x) ((unsigned long)(x) - PAGE_OFFSET)
#define __va(x) ((void *)((unsigned long)(x) + PAGE_OFFSET))
/* The array of all frames. A struct page there is a window: the kernel's own columns answer each access. */
extern struct page *mem_map;
extern unsigned long max_mapnr;
#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#define pfn_valid(pfn) ((unsigned long)(pfn) < max_mapnr)
#define __pfn_to_phys(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PFN_PHYS(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)(x) >> PAGE_SHIFT)
#define virt_to_page(address) pfn_to_page(__pa(address) >> PAGE_SHIFT)
#define virt_to_pfn(address) (__pa(address) >> PAGE_SHIFT)
#define pfn_to_kaddr(pfn) __va((pfn) << PAGE_SHIFT)
#define page_to_phys(page) ((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(address) pfn_to_page((address) >> PAGE_SHIFT)
#define virt_addr_valid(address) ((unsigned long)(address) >= PAGE_OFFSET && pfn_valid(__pa(address) >> PAGE_SHIFT))
static inline int get_order(unsigned long size)
{
	int order = 0;
	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}
#define pgprot_val(x) ((x).pgprot)
#define __pgprot(x) ((pgprot_t){(x)})
#define pgd_val(x) ((x).pgd)
#define pmd_val(x) ((x).pmd)
#define pte_val(x) ((x).pte)
#define clear_page(page) __builtin_memset((page), 0, PAGE_SIZE)
#define copy_page(to, from) __builtin_memcpy((to), (from), PAGE_SIZE)
#endif
