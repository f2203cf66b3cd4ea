/*
 * NAME: counts the areas in which its memory is mapped; read() gives the count as a number in text.
 *
 * Your part are the open and close methods of an area, and the call of open that mmap itself has to make.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/kernel.h>
#include <asm/atomic.h>

/* The ROM of the BIOS: memory that every kernel lets a driver map. */
#define ROM_PAGE 0xf0

static atomic_t areas = ATOMIC_INIT(0);

/*
 * Your part: an open method that counts an area, a close method that takes one off. The kernel calls open for areas
 * that come from another one (a split, a fork), and close for each that goes.
 */
static const struct vm_operations_struct NAME_vm_ops = {.open = NULL, .close = NULL};

static int NAME_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (remap_pfn_range(vma, vma->vm_start, ROM_PAGE, size, vma->vm_page_prot))
		return -EAGAIN;
	vma->vm_ops = &NAME_vm_ops;
	/* Your part: mmap makes an area too. */
	return 0;
}

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", atomic_read(&areas));

	if (count < length)
		return -EINVAL;
	return copy_to_user(buf, text, length) ? -EFAULT : length;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .read = NAME_read, .mmap = NAME_mmap};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int __init NAME_init(void)
{
	return misc_register(&NAME_device);
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
