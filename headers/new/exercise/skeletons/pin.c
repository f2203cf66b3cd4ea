/*
 * NAME: fills a program's own page. write(fd, buf, count) sets count bytes at buf to 0x77: the program says where, the
 * driver writes there.
 *
 * copy_to_user() would do; a device that does DMA needs the page itself. Your part pins it and lets it go again.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	unsigned long address = (unsigned long)buf, offset = address & (PAGE_SIZE - 1);

	/* One page at a time is enough here. */
	if (count == 0 || count > PAGE_SIZE - offset)
		return -EINVAL;
	/*
	 * Your part: pin the page with get_user_pages(), to be written, under the lock of the address space; where that
	 * does not give one page, answer -EFAULT. Fill it through kmap(). Mark it dirty, for its page-table entry says
	 * nothing of what you wrote; put the reference; answer count.
	 */
	return -EFAULT;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .write = NAME_write};

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
