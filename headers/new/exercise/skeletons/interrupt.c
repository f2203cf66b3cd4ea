/*
 * NAME: gets bytes from the device, and sleeps until its interrupt says that they are there.
 *
 * Your part: the handler, its line, and the wait. The line is shared: an interrupt on it need not be the device's.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/interrupt.h>
#include <linux/wait.h>
#include <linux/sched.h>
#include <mmtop/device.h>

#define MOST_BYTES 4096

static struct pci_dev *the;
static void __iomem *registers;
static char *buffer;
static dma_addr_t bus;
static DECLARE_WAIT_QUEUE_HEAD(queue);
/* Whether the transfer under way has ended, and how. */
static int done, failed;

static irqreturn_t __maybe_unused NAME_interrupt(int irq, void *dev_id)
{
	/*
	 * Your part: read LAB_STATUS. Without LAB_DONE it was another device: IRQ_NONE. Else write the bits back, which
	 * clears them; note LAB_ERROR in failed; set done, wake the queue, answer IRQ_HANDLED.
	 */
	return IRQ_NONE;
}

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	if (!the)
		return -ENODEV;
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	bus = dma_map_single(&the->dev, buffer, count, DMA_FROM_DEVICE);
	if (dma_mapping_error(&the->dev, bus))
		return -EIO;
	done = failed = 0;
	lab_start(registers, LAB_FROM_DEVICE, bus, count);
	/* Your part: sleep on the queue until done is set. */
	dma_unmap_single(&the->dev, bus, count, DMA_FROM_DEVICE);
	if (failed)
		return -EIO;
	return copy_to_user(buf, buffer, count) ? -EFAULT : count;
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
	buffer = kzalloc(MOST_BYTES, GFP_KERNEL);
	if (!buffer)
		goto unmap;
	/*
	 * Your part: request_irq() of pdev->irq, IRQF_SHARED, under the name "NAME", with pdev as dev_id. Return 0 where
	 * that succeeds; else free the buffer and go on below.
	 */
	return 0;
unmap:
	iounmap(registers);
disable:
	pci_disable_device(pdev);
	return error;
}

static void NAME_remove(struct pci_dev *pdev)
{
	/* Your part: give the line back, with the same dev_id. */
	writeb(LAB_STOP, registers + LAB_COMMAND);
	kfree(buffer);
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
