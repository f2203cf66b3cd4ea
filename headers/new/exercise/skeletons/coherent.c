/*
 * NAME: memory that processor and device use at the same time. read() has the device write into it, and gives it.
 *
 * Your part: a page of coherent memory and a block of a pool, in probe; give both back, in remove.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/dmapool.h>
#include <mmtop/device.h>

#define BLOCK_BYTES 64

static struct pci_dev *the;
static void __iomem *registers;

/* The page and the block as the processor has them, and as the device has them. */
static char *page, *block;
static dma_addr_t page_bus, block_bus;
static struct dma_pool *pool;

/* Gives the page from offset 0 on, and the block from PAGE_SIZE on. */
static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	int in_block = *pos >= PAGE_SIZE, error;
	char *from = in_block ? block : page;

	if (!the || !from)
		return -ENODEV;
	if (count > (in_block ? BLOCK_BYTES : PAGE_SIZE))
		return -EINVAL;
	lab_start(registers, LAB_FROM_DEVICE, in_block ? block_bus : page_bus, count);
	error = lab_wait(registers);
	if (error)
		return error;
	return copy_to_user(buf, from, count) ? -EFAULT : count;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .read = NAME_read};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int NAME_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error = pci_enable_device(pdev);

	if (error)
		return error;
	pci_set_master(pdev);
	error = -ENOMEM;
	registers = ioremap(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0));
	if (!registers)
		goto disable;
	the = pdev;
	/*
	 * Your part: a page from dma_alloc_coherent(), a pool from dma_pool_create() under the name "NAME" with blocks of
	 * BLOCK_BYTES, and one block from dma_pool_alloc(). Where one fails, undo those before it and iounmap().
	 */
	pool = NULL;
	return 0;
disable:
	pci_disable_device(pdev);
	return error;
}

static void NAME_remove(struct pci_dev *pdev)
{
	/* Your part: give back what probe took, in the opposite order. */
	the = NULL;
	iounmap(registers);
	pci_disable_device(pdev);
}

static const struct pci_device_id NAME_ids[] = {{PCI_DEVICE(LAB_VENDOR, LAB_DEVICE)}, {0}};
MODULE_DEVICE_TABLE(pci, NAME_ids);

static struct pci_driver NAME_driver = {
	.name = "NAME",
	.id_table = NAME_ids,
	.probe = NAME_probe,
	.remove = NAME_remove,
};

static int __init NAME_init(void)
{
	int error = pci_register_driver(&NAME_driver);

	if (error)
		return error;
	error = misc_register(&NAME_device);
	if (error)
		pci_unregister_driver(&NAME_driver);
	return error;
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
	pci_unregister_driver(&NAME_driver);
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
