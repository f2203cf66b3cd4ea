#ifndef MMTOP_LINUX_PCI_H
#define MMTOP_LINUX_PCI_H
#include <linux/types.h>
#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/pci_ids.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/list.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#define PCI_ANY_ID (~0U)
#define PCI_VENDOR_ID 0x00
#define PCI_DEVICE_ID 0x02
#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 1
#define PCI_COMMAND_MEMORY 2
#define PCI_COMMAND_MASTER 4
#define PCI_STATUS 0x06
#define PCI_REVISION_ID 0x08
#define PCI_CLASS_REVISION 0x08
#define PCI_CLASS_DEVICE 0x0a
#define PCI_CACHE_LINE_SIZE 0x0c
#define PCI_LATENCY_TIMER 0x0d
#define PCI_HEADER_TYPE 0x0e
#define PCI_BASE_ADDRESS_0 0x10
#define PCI_BASE_ADDRESS_1 0x14
#define PCI_BASE_ADDRESS_2 0x18
#define PCI_SUBSYSTEM_VENDOR_ID 0x2c
#define PCI_SUBSYSTEM_ID 0x2e
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_INTERRUPT_PIN 0x3d
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 7)
#define PCI_DEVFN(slot, function) ((((slot) & 0x1f) << 3) | ((function) & 7))
#define PCI_DEVICE(v, d) .vendor = (v), .device = (d), .subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#define PCI_DEVICE_CLASS(c, m) \
	.class = (c), .class_mask = (m), .vendor = PCI_ANY_ID, .device = PCI_ANY_ID, .subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#define PCI_VDEVICE(v, d) PCI_VENDOR_ID_##v, (d), PCI_ANY_ID, PCI_ANY_ID, 0, 0
#define DEFINE_PCI_DEVICE_TABLE(table) const struct pci_device_id table[]
#define to_pci_dev(device_) container_of(device_, struct pci_dev, dev)
extern int pci_register_driver(struct pci_driver *driver);
extern void pci_unregister_driver(struct pci_driver *driver);
#if MMTOP_ERA < 232
#define pci_module_init pci_register_driver
extern struct pci_dev *pci_find_device(unsigned int vendor, unsigned int device, const struct pci_dev *from);
#endif
#define module_pci_driver(driver) module_driver(driver, pci_register_driver, pci_unregister_driver)
extern int pci_enable_device(struct pci_dev *pdev);
#define pci_enable_device_mem(pdev) pci_enable_device(pdev)
extern void pci_disable_device(struct pci_dev *pdev);
extern void pci_set_master(struct pci_dev *pdev);
extern void pci_clear_master(struct pci_dev *pdev);
extern resource_size_t pci_resource_start(struct pci_dev *pdev, int bar);
extern resource_size_t pci_resource_end(struct pci_dev *pdev, int bar);
extern resource_size_t pci_resource_len(struct pci_dev *pdev, int bar);
extern unsigned long pci_resource_flags(struct pci_dev *pdev, int bar);
extern int pci_request_regions(struct pci_dev *pdev, const char *name);
extern void pci_release_regions(struct pci_dev *pdev);
extern int pci_request_region(struct pci_dev *pdev, int bar, const char *name);
extern void pci_release_region(struct pci_dev *pdev, int bar);
extern void __iomem *pci_iomap(struct pci_dev *pdev, int bar, unsigned long most);
extern void pci_iounmap(struct pci_dev *pdev, void __iomem *address);
#define pci_ioremap_bar(pdev, bar) ioremap(pci_resource_start((pdev), (bar)), pci_resource_len((pdev), (bar)))
extern int pci_read_config_byte(const struct pci_dev *pdev, int where, u8 *value);
extern int pci_read_config_word(const struct pci_dev *pdev, int where, u16 *value);
extern int pci_read_config_dword(const struct pci_dev *pdev, int where, u32 *value);
extern int pci_write_config_byte(const struct pci_dev *pdev, int where, u8 value);
extern int pci_write_config_word(const struct pci_dev *pdev, int where, u16 value);
extern int pci_write_config_dword(const struct pci_dev *pdev, int where, u32 value);
extern struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device, struct pci_dev *from);
extern struct pci_dev *pci_get_class(unsigned int class_, struct pci_dev *from);
extern struct pci_dev *pci_dev_get(struct pci_dev *pdev);
extern void pci_dev_put(struct pci_dev *pdev);
#define for_each_pci_dev(pdev) while (((pdev) = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, (pdev))))
static inline void *pci_get_drvdata(struct pci_dev *pdev) { return pdev->dev.driver_data; }
static inline void pci_set_drvdata(struct pci_dev *pdev, void *data) { pdev->dev.driver_data = data; }
#define pci_name(pdev) dev_name(&(pdev)->dev)
#if MMTOP_ERA >= 510
#define PCI_IRQ_LEGACY 1
#define PCI_IRQ_INTX 1
#define PCI_IRQ_MSI 2
#define PCI_IRQ_ALL_TYPES 7
extern int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int least, unsigned int most, unsigned int flags);
extern void pci_free_irq_vectors(struct pci_dev *pdev);
#define pci_irq_vector(pdev, n) ((int)(pdev)->irq)
extern int pcim_enable_device(struct pci_dev *pdev);
extern int pcim_iomap_regions(struct pci_dev *pdev, int mask, const char *name);
extern void __iomem *const *pcim_iomap_table(struct pci_dev *pdev);
#define pci_info(pdev, format, ...) dev_info(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_err(pdev, format, ...) dev_err(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_warn(pdev, format, ...) dev_warn(&(pdev)->dev, format, ##__VA_ARGS__)
#endif
#if MMTOP_ERA < 601
/* The old names of the DMA calls, gone in 5.18. */
#define PCI_DMA_BIDIRECTIONAL DMA_BIDIRECTIONAL
#define PCI_DMA_TODEVICE DMA_TO_DEVICE
#define PCI_DMA_FROMDEVICE DMA_FROM_DEVICE
#define PCI_DMA_NONE DMA_NONE
#define pci_pool dma_pool
#define pci_pool_create(name, pdev, size, align, boundary) dma_pool_create((name), &(pdev)->dev, (size), (align), (boundary))
#define pci_pool_destroy(pool) dma_pool_destroy(pool)
#define pci_pool_alloc(pool, gfp, handle) dma_pool_alloc((pool), (gfp), (handle))
#define pci_pool_free(pool, address, handle) dma_pool_free((pool), (address), (handle))
#define _mmtop_device_of(pdev) ((pdev) ? &((struct pci_dev *)(pdev))->dev : NULL)
#define pci_set_dma_mask(pdev, mask) dma_set_mask(&(pdev)->dev, (mask))
#define pci_set_consistent_dma_mask(pdev, mask) dma_set_coherent_mask(&(pdev)->dev, (mask))
#define pci_dma_supported(pdev, mask) dma_supported(&(pdev)->dev, (mask))
#define pci_alloc_consistent(pdev, size, handle) dma_alloc_coherent(_mmtop_device_of(pdev), (size), (handle), GFP_ATOMIC)
#define pci_free_consistent(pdev, size, address, handle) dma_free_coherent(_mmtop_device_of(pdev), (size), (address), (handle))
#define pci_map_single(pdev, address, size, direction) dma_map_single(_mmtop_device_of(pdev), (address), (size), (direction))
#define pci_unmap_single(pdev, handle, size, direction) dma_unmap_single(_mmtop_device_of(pdev), (handle), (size), (direction))
#define pci_map_page(pdev, page, offset, size, direction) dma_map_page(_mmtop_device_of(pdev), (page), (offset), (size), (direction))
#define pci_unmap_page(pdev, handle, size, direction) dma_unmap_page(_mmtop_device_of(pdev), (handle), (size), (direction))
#define pci_map_sg(pdev, sg, n, direction) dma_map_sg(_mmtop_device_of(pdev), (sg), (n), (direction))
#define pci_unmap_sg(pdev, sg, n, direction) dma_unmap_sg(_mmtop_device_of(pdev), (sg), (n), (direction))
#define pci_dma_sync_single_for_cpu(pdev, handle, size, direction) \
	dma_sync_single_for_cpu(_mmtop_device_of(pdev), (handle), (size), (direction))
#define pci_dma_sync_single_for_device(pdev, handle, size, direction) \
	dma_sync_single_for_device(_mmtop_device_of(pdev), (handle), (size), (direction))
#define pci_dma_sync_sg_for_cpu(pdev, sg, n, direction) dma_sync_sg_for_cpu(_mmtop_device_of(pdev), (sg), (n), (direction))
#define pci_dma_sync_sg_for_device(pdev, sg, n, direction) dma_sync_sg_for_device(_mmtop_device_of(pdev), (sg), (n), (direction))
#if MMTOP_ERA < 232
#define pci_dma_mapping_error(handle) dma_mapping_error(handle)
#else
#define pci_dma_mapping_error(pdev, handle) dma_mapping_error(&(pdev)->dev, (handle))
#endif
#endif
#endif
