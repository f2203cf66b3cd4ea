/*
 * NAME: one page of memory that programs read, write and map.
 *
 * Programs open /dev/NAME. read and write move bytes from and to the page; mmap shows them the page itself. What to
 * change first: map two pages; give a page at the first access to it, by a fault method, and not at once.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

static char *greeting = "hello from NAME\n";
module_param(greeting, charp, 0444);
MODULE_PARM_DESC(greeting, "what the page holds at first");

static char *page;

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	if (*pos >= PAGE_SIZE)
		return 0;
	if (count > PAGE_SIZE - *pos)
		count = PAGE_SIZE - *pos;
	if (copy_to_user(buf, page + *pos, count))
		return -EFAULT;
	*pos += count;
	return count;
}

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	if (*pos >= PAGE_SIZE)
		return -ENOSPC;
	if (count > PAGE_SIZE - *pos)
		count = PAGE_SIZE - *pos;
	if (copy_from_user(page + *pos, buf, count))
		return -EFAULT;
	*pos += count;
	return count;
}

static void NAME_vma_open(struct vm_area_struct *vma)
{
	printk(KERN_INFO "NAME: area opened at %lx\n", vma->vm_start);
}

static void NAME_vma_close(struct vm_area_struct *vma)
{
	printk(KERN_INFO "NAME: area closed at %lx\n", vma->vm_start);
}

static struct vm_operations_struct NAME_vm_ops = {
	.open = NAME_vma_open,
	.close = NAME_vma_close,
};

static int NAME_mmap(struct file *filp, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (vma->vm_pgoff != 0 || size > PAGE_SIZE)
		return -EINVAL;
	if (remap_pfn_range(vma, vma->vm_start, __pa(page) >> PAGE_SHIFT, size, vma->vm_page_prot))
		return -EAGAIN;
	vma->vm_ops = &NAME_vm_ops;
	NAME_vma_open(vma);
	return 0;
}

static const struct file_operations NAME_fops = {
	.owner = THIS_MODULE,
	.read = NAME_read,
	.write = NAME_write,
	.mmap = NAME_mmap,
};

static struct miscdevice NAME_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "NAME",
	.fops = &NAME_fops,
};

static int __init NAME_init(void)
{
	int error;

	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	/* Kernels before 2.6.15 map a page of RAM only where it is reserved. */
	SetPageReserved(virt_to_page(page));
	strncpy(page, greeting, PAGE_SIZE - 1);
	error = misc_register(&NAME_device);
	if (error) {
		ClearPageReserved(virt_to_page(page));
		free_page((unsigned long)page);
		return error;
	}
	printk(KERN_INFO "NAME: /dev/NAME has minor %d\n", NAME_device.minor);
	return 0;
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
	ClearPageReserved(virt_to_page(page));
	free_page((unsigned long)page);
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("one page, to read, write and map");
