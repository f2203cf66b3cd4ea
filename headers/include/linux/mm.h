#ifndef MMTOP_LINUX_MM_H
#define MMTOP_LINUX_MM_H
#include <asm/page.h>
#include <asm/pgtable.h>
#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/page-flags.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_EXEC 0x4UL
#define VM_SHARED 0x8UL
#define VM_MAYREAD 0x10UL
#define VM_MAYWRITE 0x20UL
#define VM_MAYEXEC 0x40UL
#define VM_MAYSHARE 0x80UL
#define VM_GROWSDOWN 0x100UL
#define VM_PFNMAP 0x400UL
#define VM_LOCKED 0x2000UL
#define VM_IO 0x4000UL
#define VM_DONTCOPY 0x20000UL
#define VM_DONTEXPAND 0x40000UL
#define VM_ACCOUNT 0x100000UL
#define VM_INSERTPAGE 0x2000000UL
#define VM_MIXEDMAP 0x10000000UL
#if MMTOP_ERA < 510
#define VM_RESERVED 0x80000UL
#else
#define VM_DONTDUMP 0x4000000UL
#endif
#define VM_FAULT_OOM 0x1
#define VM_FAULT_SIGBUS 0x2
#define VM_FAULT_MAJOR 0x4
#define VM_FAULT_MINOR 0
#define VM_FAULT_SIGSEGV 0x40
#define VM_FAULT_NOPAGE 0x100
#define VM_FAULT_LOCKED 0x200
#define VM_FAULT_RETRY 0x400
#define VM_FAULT_ERROR (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)
#define FAULT_FLAG_WRITE 0x1
#if MMTOP_ERA < 232
/* What a nopage method answers instead of a page. */
#define NOPAGE_SIGBUS ((struct page *)0)
#define NOPAGE_OOM ((struct page *)-1)
#endif
#define FOLL_WRITE 0x1
#define FOLL_FORCE 0x10
#define FOLL_LONGTERM 0x10000
#define vma_pages(vma) (((vma)->vm_end - (vma)->vm_start) >> PAGE_SHIFT)
#define vm_get_page_prot(flags) _mmtop_page_prot(flags)
extern pgprot_t _mmtop_page_prot(unsigned long flags);
#if MMTOP_ERA >= 618
/* Flags are written through functions since 6.3. */
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags) { *(unsigned long *)&vma->vm_flags |= flags; }
static inline void vm_flags_clear(struct vm_area_struct *vma, unsigned long flags) { *(unsigned long *)&vma->vm_flags &= ~flags; }
static inline void vm_flags_reset(struct vm_area_struct *vma, unsigned long flags) { *(unsigned long *)&vma->vm_flags = flags; }
static inline void vm_flags_mod(struct vm_area_struct *vma, unsigned long set, unsigned long clear)
{
	vm_flags_reset(vma, (vma->vm_flags | set) & ~clear);
}
#endif

#if MMTOP_ERA >= 510
#define page_ref_count(page) atomic_read(&(page)->_refcount)
#define page_count(page) page_ref_count(page)
#else
#define page_count(page) atomic_read(&(page)->_count)
#endif
#define page_mapcount(page) (atomic_read(&(page)->_mapcount) + 1)
#define page_mapped(page) (page_mapcount(page) > 0)
#define page_private(page) ((page)->private)
#define set_page_private(page, value) ((page)->private = (value))
#define page_to_virt(page) __va(page_to_phys(page))
#define lowmem_page_address(page) page_to_virt(page)
extern void *high_memory;
extern unsigned long num_physpages;
#define totalram_pages() max_mapnr
#define PageHighMem(page) (page_to_pfn(page) >= __pa(high_memory) >> PAGE_SHIFT)
extern void get_page(struct page *page);
extern void put_page(struct page *page);
extern int set_page_dirty(struct page *page);
extern int set_page_dirty_lock(struct page *page);
extern void lock_page(struct page *page);
extern int trylock_page(struct page *page);
extern void unlock_page(struct page *page);
extern void *page_address(const struct page *page);
extern void split_page(struct page *page, unsigned int order);
#if MMTOP_ERA < 232
#define reset_page_mapcount(page) do { } while (0)
#define mem_map_reserve(page) SetPageReserved(page)
#define mem_map_unreserve(page) ClearPageReserved(page)
#define get_page_testone(page) get_page(page)
#endif

extern int remap_pfn_range(struct vm_area_struct *vma, unsigned long address, unsigned long pfn, unsigned long size,
			   pgprot_t prot);
#define io_remap_pfn_range(vma, address, pfn, size, prot) remap_pfn_range((vma), (address), (pfn), (size), (prot))
#if MMTOP_ERA < 232
#define remap_page_range(vma, address, physical, size, prot) \
	remap_pfn_range((vma), (address), (physical) >> PAGE_SHIFT, (size), (prot))
#define io_remap_page_range(vma, address, physical, size, prot) \
	remap_page_range((vma), (address), (physical), (size), (prot))
#endif
extern int vm_insert_page(struct vm_area_struct *vma, unsigned long address, struct page *page);
#if MMTOP_ERA < 510
extern int vm_insert_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long pfn);
#else
extern vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long pfn);
extern vm_fault_t vmf_insert_page(struct vm_area_struct *vma, unsigned long address, struct page *page);
extern int vm_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long count);
extern int vm_iomap_memory(struct vm_area_struct *vma, phys_addr_t start, unsigned long length);
#define vmf_error(error) ((error) == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS)
#endif
extern int zap_vma_ptes(struct vm_area_struct *vma, unsigned long address, unsigned long size);
extern struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address);

#if MMTOP_ERA >= 510
extern void mmap_read_lock(struct mm_struct *mm);
extern void mmap_read_unlock(struct mm_struct *mm);
extern void mmap_write_lock(struct mm_struct *mm);
extern void mmap_write_unlock(struct mm_struct *mm);
extern long get_user_pages_unlocked(unsigned long start, unsigned long count, struct page **pages, unsigned int flags);
extern int get_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
extern int pin_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
extern void unpin_user_page(struct page *page);
extern void unpin_user_pages(struct page **pages, unsigned long count);
extern void unpin_user_pages_dirty_lock(struct page **pages, unsigned long count, bool dirty);
#endif
#if MMTOP_ERA >= 618
extern long get_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages);
extern long pin_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages);
#elif MMTOP_ERA >= 510
extern long get_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages,
			   struct vm_area_struct **vmas);
extern long pin_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages,
			   struct vm_area_struct **vmas);
#else
extern int get_user_pages(struct task_struct *task, struct mm_struct *mm, unsigned long start, int count, int write,
			  int force, struct page **pages, struct vm_area_struct **vmas);
#if MMTOP_ERA >= 232
extern int get_user_pages_fast(unsigned long start, int count, int write, struct page **pages);
#endif
#endif
extern int access_process_vm(struct task_struct *task, unsigned long address, void *buffer, int length, int write);
extern void pagefault_disable(void);
extern void pagefault_enable(void);
struct sysinfo { long uptime; unsigned long loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap; unsigned short procs, pad; unsigned long totalhigh, freehigh; unsigned int mem_unit; };
extern void si_meminfo(struct sysinfo *info);
#include <mmtop/common.h>
#endif
