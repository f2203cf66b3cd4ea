#ifndef MMTOP_LINUX_HIGHMEM_H
#define MMTOP_LINUX_HIGHMEM_H
#include <linux/mm.h>
extern void *kmap(struct page *page);
extern void kunmap(struct page *page);
#if MMTOP_ERA < 510
enum km_type {
	KM_BOUNCE_READ, KM_SKB_SUNRPC_DATA, KM_SKB_DATA_SOFTIRQ, KM_USER0, KM_USER1, KM_BIO_SRC_IRQ, KM_BIO_DST_IRQ,
	KM_PTE0, KM_PTE1, KM_IRQ0, KM_IRQ1, KM_SOFTIRQ0, KM_SOFTIRQ1, KM_TYPE_NR
};
#endif
#if MMTOP_ERA < 302
extern void *kmap_atomic(struct page *page, enum km_type type);
extern void kunmap_atomic(void *address, enum km_type type);
#elif MMTOP_ERA < 510
/* From 2.6.37 to 3.3 the type may be given and means nothing. */
extern void *__kmap_atomic(struct page *page);
extern void __kunmap_atomic(void *address);
#define kmap_atomic(page, type...) __kmap_atomic(page)
#define kunmap_atomic(address, type...) __kunmap_atomic((void *)(address))
#else
extern void *kmap_atomic(struct page *page);
extern void __kunmap_atomic(const void *address);
#define kunmap_atomic(address) __kunmap_atomic(address)
#endif
#if MMTOP_ERA >= 601
/* Since 5.11. */
extern void *kmap_local_page(struct page *page);
extern void __kunmap_local(const void *address);
#define kunmap_local(address) __kunmap_local(address)
#define kmap_local_pfn(pfn) kmap_local_page(pfn_to_page(pfn))
extern void memcpy_from_page(char *to, struct page *page, size_t offset, size_t length);
extern void memcpy_to_page(struct page *page, size_t offset, const char *from, size_t length);
#endif
extern void clear_highpage(struct page *page);
extern void copy_highpage(struct page *to, struct page *from);
#define flush_dcache_page(page) do { } while (0)
#define flush_kernel_dcache_page(page) do { } while (0)
#define nr_free_highpages() 0
#endif
