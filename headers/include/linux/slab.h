#ifndef MMTOP_LINUX_SLAB_H
#define MMTOP_LINUX_SLAB_H
#include <linux/gfp.h>
struct kmem_cache;
#define SLAB_HWCACHE_ALIGN 0x2000
#define SLAB_CACHE_DMA 0x4000
#define SLAB_POISON 0x800
#define SLAB_RED_ZONE 0x400
#define SLAB_PANIC 0x40000
#define SLAB_RECLAIM_ACCOUNT 0x20000
#define KMALLOC_MAX_SIZE (128UL << 10)
#define ZERO_SIZE_PTR ((void *)16)
extern void *kmalloc(size_t size, gfp_t gfp);
extern void *kzalloc(size_t size, gfp_t gfp);
extern void *kcalloc(size_t n, size_t size, gfp_t gfp);
extern void *krealloc(const void *object, size_t size, gfp_t gfp);
extern void kfree(const void *object);
extern size_t ksize(const void *object);
#define kmalloc_array(n, size, gfp) kcalloc((n), (size), (gfp))
#define kmalloc_node(size, gfp, node) kmalloc((size), (gfp))
#define kzalloc_node(size, gfp, node) kzalloc((size), (gfp))
#define kfree_sensitive(object) kfree(object)
#define kzfree(object) kfree(object)
extern void kmem_cache_free(struct kmem_cache *cache, void *object);
#if MMTOP_ERA < 232
typedef struct kmem_cache kmem_cache_t;
#define SLAB_KERNEL GFP_KERNEL
#define SLAB_ATOMIC GFP_ATOMIC
#define SLAB_CTOR_CONSTRUCTOR 1
/* With a destructor until 2.6.23, without since; and the kernel gives a constructor all three arguments it once had. */
extern struct kmem_cache *_mmtop_kmem_cache_create(const char *name, size_t size, size_t align, unsigned long flags,
						   void (*constructor)(), void (*destructor)());
#define _mmtop_cache_create(name, size, align, flags, constructor, destructor, ...) \
	_mmtop_kmem_cache_create((name), (size), (align), (flags), (constructor), (destructor))
#define kmem_cache_create(name, size, align, flags, constructors...) \
	_mmtop_cache_create(name, size, align, flags, constructors, NULL)
extern void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
extern int kmem_cache_destroy(struct kmem_cache *cache);
#else
extern struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned long flags,
					    void (*constructor)(void *));
extern void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
extern void kmem_cache_destroy(struct kmem_cache *cache);
#endif
#define kmem_cache_zalloc(cache, gfp) kmem_cache_alloc((cache), (gfp) | __GFP_ZERO)
#define kmem_cache_shrink(cache) 0
#define KMEM_CACHE(structure, flags) \
	kmem_cache_create(#structure, sizeof(struct structure), __alignof__(struct structure), (flags), NULL)
extern void *kvmalloc(size_t size, gfp_t gfp);
extern void kvfree(const void *address);
#define kvzalloc(size, gfp) kvmalloc((size), (gfp) | __GFP_ZERO)
#define kvmalloc_array(n, size, gfp) kvmalloc((n) * (size), (gfp))
#endif
