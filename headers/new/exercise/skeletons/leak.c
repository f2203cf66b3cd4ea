/*
 * NAME: gets bytes from the device. It works, and yet it loses something at each read that fails.
 *
 * Your part: find what, and mend it. mmtop attach, pane 0, and /sys/kernel/debug/dma-api/dump show what stays.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <mmtop/device.h>

#define MOST_BYTES 2048

static struct pci_dev *the;
static void __iomem *registers;

/* Whether a program may write there, as far as the address alone says. */
static int NAME_fits(char __user *buf, size_t count)
{
	return (unsigned long)buf >= PAGE_SIZE && (unsigned long)buf + count <= PAGE_OFFSET;
}

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t result;
	char *buffer;
	dma_addr_t bus;

	if (!the)
		return -ENODEV;
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	buffer = kmalloc(MOST_BYTES, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	bus = dma_map_single(&the->dev, buffer, MOST_BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(&the->dev, bus))
		return -EIO;
	/* What cannot be written there would be fetched in vain. */
	if (!NAME_fits(buf, count))
		return -EFAULT;
	lab_start(registers, LAB_FROM_DEVICE, bus, count);
	result = lab_wait(registers);
	dma_unmap_single(&the->dev, bus, MOST_BYTES, DMA_FROM_DEVICE);
	if (result)
		return result;
	if (copy_to_user(buf, buffer, count))
		return -EFAULT;
	kfree(buffer);
	return count;
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
	return 0;
disable:
	pci_disable_device(pdev);
	return error;
}

static void NAME_remove(struct pci_dev *pdev)
{
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
