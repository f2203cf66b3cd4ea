#ifndef MMTOP_LINUX_VMALLOC_H
#define MMTOP_LINUX_VMALLOC_H
#include <linux/gfp.h>
#include <asm/pgtable.h>
#define VM_MAP 4
extern void *vmalloc(unsigned long size);
extern void *vmalloc_user(unsigned long size);
extern void *vmalloc_32(unsigned long size);
extern void *vzalloc(unsigned long size);
extern void vfree(const void *address);
extern void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
extern void vunmap(const void *address);
extern struct page *vmalloc_to_page(const void *address);
extern unsigned long vmalloc_to_pfn(const void *address);
extern int remap_vmalloc_range(struct vm_area_struct *vma, void *address, unsigned long pgoff);
extern int is_vmalloc_addr(const void *address);
#endif
