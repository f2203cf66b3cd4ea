#ifndef MMTOP_LINUX_DMAPOOL_H
#define MMTOP_LINUX_DMAPOOL_H
#include <linux/dma-mapping.h>
struct dma_pool;
extern struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align, size_t boundary);
extern void dma_pool_destroy(struct dma_pool *pool);
extern void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle);
#define dma_pool_zalloc(pool, gfp, handle) dma_pool_alloc((pool), (gfp) | __GFP_ZERO, (handle))
extern void dma_pool_free(struct dma_pool *pool, void *address, dma_addr_t handle);
#endif
