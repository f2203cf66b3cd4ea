/*
 * NAME: four pages of memory that programs map; page i begins with the letter 'a' + i.
 *
 * Your part is the fault method: give each page at the first access to it, and not before.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/miscdevice.h>

#define PAGES 4

static struct page *pages[PAGES];

/* vmf->pgoff says which page of the device is wanted. Kernels from 4.11 on find the area in vmf->vma. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static vm_fault_t NAME_fault(struct vm_fault *vmf)
#else
static int NAME_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
#endif
{
	/*
	 * Your part: put the page into vmf->page, with a reference of its own (get_page), for the kernel puts one when the
	 * page leaves the process; answer 0. Behind the last page answer VM_FAULT_SIGBUS.
	 */
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct NAME_vm_ops = {.fault = NAME_fault};

static int NAME_mmap(struct file *filp, struct vm_area_struct *vma)
{
	vma->vm_ops = &NAME_vm_ops;
	return 0;
}

static const struct file_operations NAME_fops = {.owner = THIS_MODULE, .mmap = NAME_mmap};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static void NAME_free(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int __init NAME_init(void)
{
	int i, error = -ENOMEM;

	for (i = 0; i < PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			goto fail;
		*(char *)page_address(pages[i]) = 'a' + i;
	}
	error = misc_register(&NAME_device);
	if (!error)
		return 0;
fail:
	NAME_free();
	return error;
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
	NAME_free();
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
