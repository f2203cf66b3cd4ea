#ifndef MMTOP_LINUX_DMA_MAPPING_H
#define MMTOP_LINUX_DMA_MAPPING_H
#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <linux/err.h>
#define DMA_BIT_MASK(n) ((n) == 64 ? ~0ULL : (1ULL << (n)) - 1)
#if MMTOP_ERA < 510
#define DMA_64BIT_MASK DMA_BIT_MASK(64)
#define DMA_32BIT_MASK DMA_BIT_MASK(32)
#define DMA_24BIT_MASK DMA_BIT_MASK(24)
#endif
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_ATTR_SKIP_CPU_SYNC 0x20
extern int dma_supported(struct device *dev, u64 mask);
extern int dma_set_mask(struct device *dev, u64 mask);
extern int dma_set_coherent_mask(struct device *dev, u64 mask);
extern int dma_set_mask_and_coherent(struct device *dev, u64 mask);
extern u64 dma_get_required_mask(struct device *dev);
extern void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle, gfp_t gfp);
extern void dma_free_coherent(struct device *dev, size_t size, void *address, dma_addr_t handle);
#define dma_zalloc_coherent(dev, size, handle, gfp) dma_alloc_coherent((dev), (size), (handle), (gfp) | __GFP_ZERO)
extern int dma_mmap_coherent(struct device *dev, struct vm_area_struct *vma, void *address, dma_addr_t handle, size_t size);
extern dma_addr_t dma_map_single(struct device *dev, void *address, size_t size, enum dma_data_direction direction);
extern void dma_unmap_single(struct device *dev, dma_addr_t handle, size_t size, enum dma_data_direction direction);
extern dma_addr_t dma_map_page(struct device *dev, struct page *page, unsigned long offset, size_t size,
			       enum dma_data_direction direction);
extern void dma_unmap_page(struct device *dev, dma_addr_t handle, size_t size, enum dma_data_direction direction);
extern int dma_map_sg(struct device *dev, struct scatterlist *sg, int n, enum dma_data_direction direction);
extern void dma_unmap_sg(struct device *dev, struct scatterlist *sg, int n, enum dma_data_direction direction);
extern void dma_sync_single_for_cpu(struct device *dev, dma_addr_t handle, size_t size, enum dma_data_direction direction);
extern void dma_sync_single_for_device(struct device *dev, dma_addr_t handle, size_t size, enum dma_data_direction direction);
extern void dma_sync_single_range_for_cpu(struct device *dev, dma_addr_t handle, unsigned long offset, size_t size,
					  enum dma_data_direction direction);
extern void dma_sync_single_range_for_device(struct device *dev, dma_addr_t handle, unsigned long offset, size_t size,
					     enum dma_data_direction direction);
extern void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg, int n, enum dma_data_direction direction);
extern void dma_sync_sg_for_device(struct device *dev, struct scatterlist *sg, int n, enum dma_data_direction direction);
extern unsigned int dma_get_max_seg_size(struct device *dev);
extern int dma_set_max_seg_size(struct device *dev, unsigned int size);
extern int dma_set_seg_boundary(struct device *dev, unsigned long mask);
extern int dma_get_cache_alignment(void);
#if MMTOP_ERA >= 232
extern int dma_mapping_error(struct device *dev, dma_addr_t handle);
#else
/* Without the device in 2.6.11, with it since 2.6.27: the labs' drivers have it. */
extern int _mmtop_dma_mapping_error(dma_addr_t handle);
#define _mmtop_last_of(a, b, ...) b
#define dma_mapping_error(dev, handle...) _mmtop_dma_mapping_error(_mmtop_last_of(x, ##handle, (dma_addr_t)(unsigned long)(dev)))
#define dma_sync_single(dev, handle, size, direction) dma_sync_single_for_cpu((dev), (handle), (size), (direction))
#define dma_sync_sg(dev, sg, n, direction) dma_sync_sg_for_cpu((dev), (sg), (n), (direction))
#endif
#endif
