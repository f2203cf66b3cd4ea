#ifndef MMTOP_LINUX_MEMPOOL_H
#define MMTOP_LINUX_MEMPOOL_H
#include <linux/slab.h>
typedef struct mempool mempool_t;
typedef void *(mempool_alloc_t)(gfp_t gfp, void *data);
typedef void (mempool_free_t)(void *element, void *data);
extern mempool_t *mempool_create(int least, mempool_alloc_t *alloc, mempool_free_t *free, void *data);
extern int mempool_resize(mempool_t *pool, int least);
extern void mempool_destroy(mempool_t *pool);
extern void *mempool_alloc(mempool_t *pool, gfp_t gfp);
extern void mempool_free(void *element, mempool_t *pool);
extern void *mempool_alloc_slab(gfp_t gfp, void *cache);
extern void mempool_free_slab(void *element, void *cache);
extern void *mempool_kmalloc(gfp_t gfp, void *size);
extern void mempool_kfree(void *element, void *size);
#define mempool_create_slab_pool(least, cache) mempool_create((least), mempool_alloc_slab, mempool_free_slab, (cache))
#define mempool_create_kmalloc_pool(least, size) \
	mempool_create((least), mempool_kmalloc, mempool_kfree, (void *)(unsigned long)(size))
#endif
