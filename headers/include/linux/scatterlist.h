#ifndef MMTOP_LINUX_SCATTERLIST_H
#define MMTOP_LINUX_SCATTERLIST_H
#include <linux/types.h>
#include <linux/mm.h>
#define SG_CHAIN 1UL
#define SG_END 2UL
#if MMTOP_ERA >= 232
static inline struct page *sg_page(struct scatterlist *sg) { return (struct page *)(sg->page_link & ~3UL); }
static inline void sg_assign_page(struct scatterlist *sg, struct page *page)
{
	sg->page_link = (sg->page_link & 3) | (unsigned long)page;
}
static inline void sg_mark_end(struct scatterlist *sg) { sg->page_link = (sg->page_link & ~SG_CHAIN) | SG_END; }
static inline int sg_is_last(struct scatterlist *sg) { return (sg->page_link & SG_END) != 0; }
static inline void sg_init_table(struct scatterlist *sg, unsigned int n)
{
	__builtin_memset(sg, 0, n * sizeof(*sg));
	sg_mark_end(sg + n - 1);
}
static inline struct scatterlist *sg_next(struct scatterlist *sg) { return sg_is_last(sg) ? NULL : sg + 1; }
#else
/* Before 2.6.24 it is a plain array. */
#define sg_page(sg) ((sg)->page)
#define sg_assign_page(sg, page_) ((sg)->page = (page_))
#define sg_mark_end(sg) do { } while (0)
#define sg_init_table(sg, n) __builtin_memset((sg), 0, (n) * sizeof(*(sg)))
#define sg_next(sg) ((sg) + 1)
#endif
static inline void sg_set_page(struct scatterlist *sg, struct page *page, unsigned int length, unsigned int offset)
{
	sg_assign_page(sg, page);
	sg->offset = offset;
	sg->length = length;
}
static inline void sg_set_buf(struct scatterlist *sg, const void *at, unsigned int length)
{
	sg_set_page(sg, virt_to_page(at), length, offset_in_page(at));
}
static inline void sg_init_one(struct scatterlist *sg, const void *at, unsigned int length)
{
	sg_init_table(sg, 1);
	sg_set_buf(sg, at, length);
}
static inline void *sg_virt(struct scatterlist *sg) { return (char *)page_address(sg_page(sg)) + sg->offset; }
static inline phys_addr_t sg_phys(struct scatterlist *sg) { return page_to_phys(sg_page(sg)) + sg->offset; }
#define for_each_sg(list, sg, n, i) for ((i) = 0, (sg) = (list); (i) < (n); (i)++, (sg) = sg_next(sg))
#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)
extern int sg_alloc_table(struct sg_table *table, unsigned int n, gfp_t gfp);
extern void sg_free_table(struct sg_table *table);
extern size_t sg_copy_from_buffer(struct scatterlist *sg, unsigned int n, const void *from, size_t length);
extern size_t sg_copy_to_buffer(struct scatterlist *sg, unsigned int n, void *to, size_t length);
#endif
