/*
 * NAME: three pages of vmalloc'd memory that programs map and write to; page i begins with the letter 'a' + i.
 *
 * The pages lie beside each other in the kernel's addresses, and anywhere in memory. Your part finds each of them.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

#define BYTES (3 * PAGE_SIZE)

static char *memory;

static ssize_t NAME_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	if (*pos >= BYTES || count > BYTES - *pos)
		return -ENOSPC;
	if (copy_from_user(memory + *pos, buf, count))
		return -EFAULT;
	*pos += count;
	return count;
}

/* vmf->pgoff says which page is wanted. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static vm_fault_t NAME_fault(struct vm_fault *vmf)
#else
static int NAME_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
#endif
{
	unsigned long offset = vmf->pgoff << PAGE_SHIFT;

	if (offset >= BYTES)
		return VM_FAULT_SIGBUS;
	/* Your part: the page behind memory + offset, with a reference. virt_to_page() is not for this memory. */
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct NAME_vm_ops = {.fault = NAME_fault};

static int NAME_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &NAME_vm_ops;
	return 0;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .write = NAME_write, .mmap = NAME_mmap};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int __init NAME_init(void)
{
	int i, error;

	memory = vmalloc(BYTES);
	if (!memory)
		return -ENOMEM;
	memset(memory, 0, BYTES);
	for (i = 0; i < BYTES / PAGE_SIZE; i++)
		memory[i * PAGE_SIZE] = 'a' + i;
	error = misc_register(&NAME_device);
	if (error)
		vfree(memory);
	return error;
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
	vfree(memory);
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
