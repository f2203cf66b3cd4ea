/*
 * NAME: one page of memory that programs read, write and map.
 *
 * read and write move bytes from and to the page. Your part is mmap: show programs the page itself, all at once.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

static char *page;

static ssize_t NAME_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	return simple_read_from_buffer(buf, count, pos, page, PAGE_SIZE);
}

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	if (*pos >= PAGE_SIZE || count > PAGE_SIZE - *pos)
		return -ENOSPC;
	if (copy_from_user(page + *pos, buf, count))
		return -EFAULT;
	*pos += count;
	return count;
}

static int NAME_mmap(struct file *filp, struct vm_area_struct *vma)
{
	/*
	 * Your part: refuse what is not the one page (an offset, or more than a page) with -EINVAL; enter the page with
	 * remap_pfn_range(), and answer -EAGAIN where that fails.
	 */
	return -ENODEV;
}

static const struct file_operations NAME_fops = {
	.owner = THIS_MODULE,
	.read = NAME_read,
	.write = NAME_write,
	.mmap = NAME_mmap,
};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int __init NAME_init(void)
{
	int error;

	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	/* Kernels before 2.6.15 map a page of RAM only where it is reserved. */
	SetPageReserved(virt_to_page(page));
	error = misc_register(&NAME_device);
	if (error) {
		ClearPageReserved(virt_to_page(page));
		free_page((unsigned long)page);
	}
	return error;
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
