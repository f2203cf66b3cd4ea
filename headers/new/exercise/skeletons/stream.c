/*
 * NAME: sends a program's bytes to the device, and gets the device's bytes.
 *
 * Your part are the mappings: who has the buffer when, and in which direction its bytes go. On this machine every
 * mapping goes through a bounce buffer, so a wrong direction or a missing sync shows in the bytes.
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

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	ssize_t result = -EFAULT;
	char *buffer;

	if (!the)
		return -ENODEV;
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	buffer = kmalloc(count, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	if (copy_from_user(buffer, buf, count))
		goto out;
	/*
	 * Your part: dma_map_single() for the device &the->dev, dma_mapping_error(), lab_start(registers, LAB_TO_DEVICE,
	 * the bus address, count), lab_wait(registers), dma_unmap_single(); answer count, or the error.
	 */
	result = -EIO;
out:
	kfree(buffer);
	return result;
}

/*
 * The device fills the buffer twice under one mapping; the program gets the first byte of the first time, and behind it
 * all bytes of the second time but the first.
 */
static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t result = -EIO;
	char *buffer;

	if (!the)
		return -ENODEV;
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	buffer = kmalloc(count, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	/*
	 * Your part: map the buffer once, LAB_FROM_DEVICE, wait; take the first byte, with dma_sync_single_for_cpu() before
	 * and dma_sync_single_for_device() behind; LAB_FROM_DEVICE again, wait; unmap. Put the first byte that you took into
	 * buffer[0], and copy the buffer to the program.
	 */
	kfree(buffer);
	return result;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .read = NAME_read, .write = NAME_write};

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
