/*
 * NAME: a register of the labs' PCI device. write() of four bytes stores them there, read() gives them.
 *
 * Your part: take the device's registers and map them, in probe; give both back, in remove.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <mmtop/device.h>

static void __iomem *registers;

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	u32 value;

	if (!registers)
		return -ENODEV;
	if (count != sizeof(value))
		return -EINVAL;
	value = readl(registers + LAB_LENGTH);
	return copy_to_user(buf, &value, sizeof(value)) ? -EFAULT : sizeof(value);
}

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	u32 value;

	if (!registers)
		return -ENODEV;
	if (count != sizeof(value))
		return -EINVAL;
	if (copy_from_user(&value, buf, sizeof(value)))
		return -EFAULT;
	writel(value, registers + LAB_LENGTH);
	return sizeof(value);
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .read = NAME_read, .write = NAME_write};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int NAME_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error = pci_enable_device(pdev);

	if (error)
		return error;
	/*
	 * Your part: pci_request_regions() under the name "NAME"; then ioremap() of BAR 0, whose start and length
	 * pci_resource_start() and pci_resource_len() know. Where one fails, undo the one before.
	 */
	return 0;
}

static void NAME_remove(struct pci_dev *pdev)
{
	/* Your part: give back what probe took, in the opposite order. */
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
