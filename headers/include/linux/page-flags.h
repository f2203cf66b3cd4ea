#ifndef MMTOP_LINUX_PAGE_FLAGS_H
#define MMTOP_LINUX_PAGE_FLAGS_H
#include <asm/page.h>
#include <linux/bitops.h>
#define PG_locked 0
#define PG_error 1
#define PG_referenced 2
#define PG_uptodate 3
#define PG_dirty 4
#define PG_lru 5
#define PG_active 6
#define PG_slab 7
#define PG_reserved 10
#define PG_private 11
#define PG_writeback 13
#define _mmtop_page_flag(Name, bit) \
	static inline int Page##Name(const struct page *page) { return (page->flags >> (bit)) & 1; } \
	static inline void SetPage##Name(struct page *page) { page->flags |= 1UL << (bit); } \
	static inline void ClearPage##Name(struct page *page) { page->flags &= ~(1UL << (bit)); }
_mmtop_page_flag(Locked, PG_locked)
_mmtop_page_flag(Error, PG_error)
_mmtop_page_flag(Referenced, PG_referenced)
_mmtop_page_flag(Uptodate, PG_uptodate)
_mmtop_page_flag(Dirty, PG_dirty)
_mmtop_page_flag(LRU, PG_lru)
_mmtop_page_flag(Active, PG_active)
_mmtop_page_flag(Slab, PG_slab)
_mmtop_page_flag(Reserved, PG_reserved)
_mmtop_page_flag(Private, PG_private)
_mmtop_page_flag(Writeback, PG_writeback)
#endif
