#ifndef MMTOP_LINUX_PAGEMAP_H
#define MMTOP_LINUX_PAGEMAP_H
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#if MMTOP_ERA < 510
#define PAGE_CACHE_SIZE PAGE_SIZE
#define PAGE_CACHE_SHIFT PAGE_SHIFT
#define PAGE_CACHE_MASK PAGE_MASK
#define page_cache_get(page) get_page(page)
#define page_cache_release(page) put_page(page)
#endif
#endif
