/*
 * NAME: the device writes into three buffers, and read() gives what came, one behind the other.
 *
 * Your part maps the three with one call. Behind an IOMMU their bus addresses are not their physical addresses, and
 * pieces may come out as one: use what dma_map_sg() answers.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/scatterlist.h>
#include <mmtop/device.h>

#define PIECES 3
#define PIECE_BYTES PAGE_SIZE

static struct pci_dev *the;
static void __iomem *registers;
static char *buffers[PIECES];

/* Has the device fill all buffers. Each transfer brings the device's bytes from the start of its own buffer. */
static int NAME_fill(void)
{
	/*
	 * Your part: sg_init_table(), sg_set_buf() of each buffer, dma_map_sg(); for each of the pieces that it answers a
	 * transfer to sg_dma_address() of sg_dma_len() bytes, with lab_start(registers, LAB_FROM_DEVICE, …) and lab_wait();
	 * dma_unmap_sg(). Answer 0, or an error.
	 */
	return -EIO;
}

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	int i, error;

	if (!the)
		return -ENODEV;
	if (count != PIECES * PIECE_BYTES)
		return -EINVAL;
	for (i = 0; i < PIECES; i++)
		memset(buffers[i], 0, PIECE_BYTES);
	error = NAME_fill();
	if (error)
		return error;
	for (i = 0; i < PIECES; i++)
		if (copy_to_user(buf + i * PIECE_BYTES, buffers[i], PIECE_BYTES))
			return -EFAULT;
	return count;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .read = NAME_read};

static void NAME_free(void)
{
	int i;

	for (i = 0; i < PIECES; i++)
		free_page((unsigned long)buffers[i]);
}

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
	/* Every other page, so that no two lie beside each other. */
	{
		unsigned long between[PIECES];
		int i, missing = 0;

		for (i = 0; i < PIECES; i++) {
			buffers[i] = (char *)__get_free_page(GFP_KERNEL);
			between[i] = __get_free_page(GFP_KERNEL);
			if (!buffers[i] || !between[i])
				missing = 1;
		}
		for (i = 0; i < PIECES; i++)
			free_page(between[i]);
		if (!missing)
			return 0;
	}
	NAME_free();
	iounmap(registers);
disable:
	pci_disable_device(pdev);
	return error;
}

static void NAME_remove(struct pci_dev *pdev)
{
	NAME_free();
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
