/*
 * csimple: device memory in user space (LDD3 chapter 15, simple), the twin in C of the labs' driver.
 *
 *   /dev/csimple0   mmap enters all pages at once, with remap_pfn_range
 *   /dev/csimple1   the fault method finds each page when it is touched
 *
 * The offset of a mapping is a physical address.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/cdev.h>
#include <linux/mm.h>
#include <linux/errno.h>

#define MINORS 2

static dev_t first;
static struct cdev csimple_cdev;

/* What kernels call the flags of an area that is no ordinary memory. */
static void csimple_reserve(struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(3, 7, 0)
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
#else
	vma->vm_flags |= VM_RESERVED;
#endif
}

static void csimple_vma_open(struct vm_area_struct *vma)
{
	printk(KERN_NOTICE "csimple: VMA opened, virtual 0x%lx, physical 0x%lx\n", vma->vm_start, vma->vm_pgoff << PAGE_SHIFT);
}

static void csimple_vma_close(struct vm_area_struct *vma)
{
	printk(KERN_NOTICE "csimple: VMA closed\n");
}

static const struct vm_operations_struct csimple_remap_vm_ops = {
	.open = csimple_vma_open,
	.close = csimple_vma_close,
};

static int csimple_remap_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start, vma->vm_page_prot))
		return -EAGAIN;
	vma->vm_ops = &csimple_remap_vm_ops;
	/* mmap itself does not call open. */
	csimple_vma_open(vma);
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static vm_fault_t csimple_vma_fault(struct vm_fault *vmf)
#else
static int csimple_vma_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
#endif
{
	if (!pfn_valid(vmf->pgoff))
		return VM_FAULT_SIGBUS;
	vmf->page = pfn_to_page(vmf->pgoff);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct csimple_fault_vm_ops = {
	.open = csimple_vma_open,
	.close = csimple_vma_close,
	.fault = csimple_vma_fault,
};

static int csimple_fault_mmap(struct file *filp, struct vm_area_struct *vma)
{
	csimple_reserve(vma);
	vma->vm_ops = &csimple_fault_vm_ops;
	csimple_vma_open(vma);
	return 0;
}

static const struct file_operations csimple_remap_fops = {.owner = THIS_MODULE, .mmap = csimple_remap_mmap};
static const struct file_operations csimple_fault_fops = {.owner = THIS_MODULE, .mmap = csimple_fault_mmap};

static int csimple_open(struct inode *inode, struct file *filp)
{
	filp->f_op = iminor(inode) == 0 ? &csimple_remap_fops : &csimple_fault_fops;
	return 0;
}

static const struct file_operations csimple_fops = {
	.owner = THIS_MODULE,
	.open = csimple_open,
};

static int __init csimple_init(void)
{
	int error = alloc_chrdev_region(&first, 0, MINORS, "csimple");

	if (error)
		return error;
	cdev_init(&csimple_cdev, &csimple_fops);
	csimple_cdev.owner = THIS_MODULE;
	error = cdev_add(&csimple_cdev, first, MINORS);
	if (error)
		unregister_chrdev_region(first, MINORS);
	return error;
}

static void __exit csimple_exit(void)
{
	cdev_del(&csimple_cdev);
	unregister_chrdev_region(first, MINORS);
}

module_init(csimple_init);
module_exit(csimple_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("device memory in user space, at once or page by page");
