/*
 * cdad: a data acquisition device on PCI that is a bus master (LDD3 page 452), the twin in C of the labs' dad.
 *
 * A read or write of the device lends a buffer to it, programs its registers, and takes the buffer back in the
 * interrupt. Between dma_map_single and dma_unmap_single the buffer is the device's.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/interrupt.h>
#include <linux/wait.h>
#include <linux/mutex.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/errno.h>

#define DAD_COMMAND 0x00
#define DAD_ADDRESS 0x04
#define DAD_LENGTH 0x08
#define DAD_STATUS 0x0c
#define CMD_WR 1	/* the device reads memory */
#define CMD_RD 2
#define CMD_ENABLEDMA 4
#define CMD_DISABLEDMA 8
#define STATUS_DONE 1
#define STATUS_ERROR 2
#define MOST_BYTES 65536

struct cdad_dev {
	struct pci_dev *pdev;
	void __iomem *registers;
	dma_addr_t bus;
	size_t size;
	enum dma_data_direction direction;
	int busy, result;
	wait_queue_head_t done;
	struct mutex lock;
};

/* One device is served. */
static struct cdad_dev *the;

static irqreturn_t cdad_interrupt(int irq, void *dev_id)
{
	struct cdad_dev *dev = dev_id;
	u32 status = readl(dev->registers + DAD_STATUS);

	/* The line is shared: it may be another device's interrupt. */
	if (!(status & STATUS_DONE))
		return IRQ_NONE;
	writel(status, dev->registers + DAD_STATUS);
	dma_unmap_single(&dev->pdev->dev, dev->bus, dev->size, dev->direction);
	dev->result = status & STATUS_ERROR ? -EIO : 0;
	dev->busy = 0;
	wake_up(&dev->done);
	return IRQ_HANDLED;
}

static int cdad_start(struct cdad_dev *dev, int write, void *buffer, size_t count)
{
	dev->direction = write ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	dev->size = count;
	dev->bus = dma_map_single(&dev->pdev->dev, buffer, count, dev->direction);
	if (dma_mapping_error(&dev->pdev->dev, dev->bus))
		return -EIO;
	dev->busy = 1;
	writeb(CMD_DISABLEDMA, dev->registers + DAD_COMMAND);
	writeb(write ? CMD_WR : CMD_RD, dev->registers + DAD_COMMAND);
	writel(dev->bus, dev->registers + DAD_ADDRESS);
	writel(count, dev->registers + DAD_LENGTH);
	writeb(CMD_ENABLEDMA, dev->registers + DAD_COMMAND);
	return 0;
}

static ssize_t cdad_transfer(int write, char __user *buf, size_t count)
{
	ssize_t result = -ENOMEM;
	void *buffer;

	if (!the)
		return -ENODEV;
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	buffer = kmalloc(count, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	mutex_lock(&the->lock);
	result = write && copy_from_user(buffer, buf, count) ? -EFAULT : cdad_start(the, write, buffer, count);
	if (result)
		goto out;
	/* Until the device has the buffer no longer it must not be freed, so no signal ends this. */
	wait_event(the->done, !the->busy);
	result = the->result;
	if (!result)
		result = !write && copy_to_user(buf, buffer, count) ? -EFAULT : count;
out:
	mutex_unlock(&the->lock);
	kfree(buffer);
	return result;
}

static ssize_t cdad_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	return cdad_transfer(0, buf, count);
}

static ssize_t cdad_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	return cdad_transfer(1, (char __user *)buf, count);
}

static const struct file_operations cdad_fops = {
	.owner = THIS_MODULE,
	.read = cdad_read,
	.write = cdad_write,
};

static struct miscdevice cdad_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cdad",
	.fops = &cdad_fops,
};

static int cdad_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct cdad_dev *dev;
	int error = pci_enable_device(pdev);

	if (error)
		return error;
	pci_set_master(pdev);
	error = dma_set_mask(&pdev->dev, DMA_BIT_MASK(32));
	if (error)
		goto disable;
	error = -ENOMEM;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		goto disable;
	dev->pdev = pdev;
	init_waitqueue_head(&dev->done);
	mutex_init(&dev->lock);
	dev->registers = ioremap(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0));
	if (!dev->registers)
		goto free;
	error = request_irq(pdev->irq, cdad_interrupt, IRQF_SHARED, "cdad", dev);
	if (error)
		goto unmap;
	pci_set_drvdata(pdev, dev);
	the = dev;
	return 0;
unmap:
	iounmap(dev->registers);
free:
	kfree(dev);
disable:
	pci_disable_device(pdev);
	return error;
}

static void cdad_remove(struct pci_dev *pdev)
{
	struct cdad_dev *dev = pci_get_drvdata(pdev);

	the = NULL;
	writeb(CMD_DISABLEDMA, dev->registers + DAD_COMMAND);
	free_irq(pdev->irq, dev);
	iounmap(dev->registers);
	pci_disable_device(pdev);
	kfree(dev);
}

static const struct pci_device_id cdad_ids[] = {{PCI_DEVICE(0x1234, 0x11e8)}, {0}};
MODULE_DEVICE_TABLE(pci, cdad_ids);

static struct pci_driver cdad_driver = {
	.name = "cdad",
	.id_table = cdad_ids,
	.probe = cdad_probe,
	.remove = cdad_remove,
};

static int __init cdad_init(void)
{
	int error = pci_register_driver(&cdad_driver);

	if (error)
		return error;
	error = misc_register(&cdad_device);
	if (error)
		pci_unregister_driver(&cdad_driver);
	return error;
}

static void __exit cdad_exit(void)
{
	misc_deregister(&cdad_device);
	pci_unregister_driver(&cdad_driver);
}

module_init(cdad_init);
module_exit(cdad_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("streaming DMA to and from a PCI device");
