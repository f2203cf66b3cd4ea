/*
 * What cscullp and cscullv share (LDD3 chapters 8 and 15): devices that keep what is written to them in pieces, their
 * quanta, and let programs map them. The file that includes this says where the pieces come from:
 *
 *   CSCULL_NAME                    the driver's name, a string
 *   CSCULL_ORDER                   a quantum is PAGE_SIZE << order bytes
 *   cscull_alloc, cscull_free      zeroed memory for a quantum
 *   cscull_page                    the page behind an address of it
 *   cscull_maps                    whether quanta of an order can be mapped
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/cdev.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <linux/jiffies.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/aio.h>
#include <linux/errno.h>

#define QUANTA 1024

struct cscull_dev {
	void *quanta[QUANTA];
	unsigned long size;
	int vmas;
	struct mutex lock;
};

/* An asynchronous request whose end is told later, as by a slow device. */
struct cscull_async {
	struct kiocb *iocb;
	long result;
	struct delayed_work work;
};

static void *cscull_alloc(int order);
static void cscull_free(void *quantum, int order);
static struct page *cscull_page(void *address);
static int cscull_maps(int order);

static int devices = 4;
module_param(devices, int, 0444);
static int order = CSCULL_ORDER;
module_param(order, int, 0444);

static dev_t first;
static struct cdev cscull_cdev;
static struct cscull_dev *cscull_devices;

#define quantum_bytes (PAGE_SIZE << order)

/* Frees everything, unless it is mapped. */
static int cscull_trim(struct cscull_dev *dev)
{
	int i;

	if (dev->vmas)
		return -EBUSY;
	for (i = 0; i < QUANTA; i++) {
		if (dev->quanta[i])
			cscull_free(dev->quanta[i], order);
		dev->quanta[i] = NULL;
	}
	dev->size = 0;
	return 0;
}

static int cscull_open(struct inode *inode, struct file *filp)
{
	struct cscull_dev *dev = cscull_devices + iminor(inode);

	filp->private_data = dev;
	/* Opened for writing only: it starts empty. */
	if ((filp->f_flags & O_ACCMODE) == O_WRONLY) {
		mutex_lock(&dev->lock);
		cscull_trim(dev);
		mutex_unlock(&dev->lock);
	}
	return 0;
}

static ssize_t cscull_read(struct file *filp, char __user *buf, size_t count, loff_t *ppos)
{
	struct cscull_dev *dev = filp->private_data;
	unsigned long pos = *ppos, offset = pos & (quantum_bytes - 1);
	ssize_t result = 0;
	char *quantum;

	mutex_lock(&dev->lock);
	if (pos >= dev->size)
		goto out;
	quantum = dev->quanta[pos / quantum_bytes];
	if (!quantum)
		goto out;
	if (count > dev->size - pos)
		count = dev->size - pos;
	if (count > quantum_bytes - offset)
		count = quantum_bytes - offset;
	result = copy_to_user(buf, quantum + offset, count) ? -EFAULT : count;
	if (result > 0)
		*ppos += result;
out:
	mutex_unlock(&dev->lock);
	return result;
}

static ssize_t cscull_write(struct file *filp, const char __user *buf, size_t count, loff_t *ppos)
{
	struct cscull_dev *dev = filp->private_data;
	unsigned long pos = *ppos, offset = pos & (quantum_bytes - 1);
	ssize_t result = -ENOMEM;
	void **quantum;

	if (pos / quantum_bytes >= QUANTA)
		return -ENOSPC;
	mutex_lock(&dev->lock);
	quantum = &dev->quanta[pos / quantum_bytes];
	if (!*quantum)
		*quantum = cscull_alloc(order);
	if (!*quantum)
		goto out;
	if (count > quantum_bytes - offset)
		count = quantum_bytes - offset;
	result = copy_from_user((char *)*quantum + offset, buf, count) ? -EFAULT : count;
	if (result < 0)
		goto out;
	*ppos += result;
	if (dev->size < pos + count)
		dev->size = pos + count;
out:
	mutex_unlock(&dev->lock);
	return result;
}

static void cscull_finish(struct work_struct *work)
{
	struct cscull_async *async = container_of(work, struct cscull_async, work.work);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
	async->iocb->ki_complete(async->iocb, async->result);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(4, 1, 0)
	async->iocb->ki_complete(async->iocb, async->result, 0);
#else
	aio_complete(async->iocb, async->result, 0);
#endif
	kfree(async);
}

/* The data are moved at once; who asked asynchronously is told a hundredth of a second later. */
static ssize_t cscull_later(struct kiocb *iocb, ssize_t result)
{
	struct cscull_async *async;

	if (is_sync_kiocb(iocb))
		return result;
	async = kmalloc(sizeof(*async), GFP_KERNEL);
	if (!async)
		return result;
	async->iocb = iocb;
	async->result = result;
	INIT_DELAYED_WORK(&async->work, cscull_finish);
	schedule_delayed_work(&async->work, HZ / 100);
	return -EIOCBQUEUED;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 16, 0)
static struct iovec cscull_segment(struct iov_iter *iter)
{
	struct iovec segment = {iter->iov->iov_base + iter->iov_offset, iter->iov->iov_len - iter->iov_offset};

	return segment;
}

static ssize_t cscull_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct iovec segment = cscull_segment(to);
	loff_t pos = iocb->ki_pos;

	return cscull_later(iocb, cscull_read(iocb->ki_filp, segment.iov_base, segment.iov_len, &pos));
}

static ssize_t cscull_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct iovec segment = cscull_segment(from);
	loff_t pos = iocb->ki_pos;

	return cscull_later(iocb, cscull_write(iocb->ki_filp, segment.iov_base, segment.iov_len, &pos));
}
#else
static ssize_t cscull_aio_read(struct kiocb *iocb, const struct iovec *iov, unsigned long count, loff_t pos)
{
	return cscull_later(iocb, cscull_read(iocb->ki_filp, iov[0].iov_base, iov[0].iov_len, &pos));
}

static ssize_t cscull_aio_write(struct kiocb *iocb, const struct iovec *iov, unsigned long count, loff_t pos)
{
	return cscull_later(iocb, cscull_write(iocb->ki_filp, iov[0].iov_base, iov[0].iov_len, &pos));
}
#endif

static void cscull_vma_open(struct vm_area_struct *vma)
{
	((struct cscull_dev *)vma->vm_private_data)->vmas++;
}

static void cscull_vma_close(struct vm_area_struct *vma)
{
	((struct cscull_dev *)vma->vm_private_data)->vmas--;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
static vm_fault_t cscull_vma_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
#else
static int cscull_vma_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
#endif
	struct cscull_dev *dev = vma->vm_private_data;
	unsigned long offset = vmf->pgoff << PAGE_SHIFT;
	int result = VM_FAULT_SIGBUS;
	char *quantum;

	mutex_lock(&dev->lock);
	/* A hole, or past the end: the program gets a signal, not zeros. */
	if (offset >= dev->size || !(quantum = dev->quanta[offset / quantum_bytes]))
		goto out;
	vmf->page = cscull_page(quantum + (offset & (quantum_bytes - 1)));
	get_page(vmf->page);
	result = 0;
out:
	mutex_unlock(&dev->lock);
	return result;
}

static const struct vm_operations_struct cscull_vm_ops = {
	.open = cscull_vma_open,
	.close = cscull_vma_close,
	.fault = cscull_vma_fault,
};

static int cscull_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (!cscull_maps(order))
		return -ENODEV;
	vma->vm_ops = &cscull_vm_ops;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(3, 7, 0)
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
#else
	vma->vm_flags |= VM_RESERVED;
#endif
	vma->vm_private_data = filp->private_data;
	cscull_vma_open(vma);
	return 0;
}

static const struct file_operations cscull_fops = {
	.owner = THIS_MODULE,
	.open = cscull_open,
	.llseek = default_llseek,
	.read = cscull_read,
	.write = cscull_write,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 16, 0)
	.read_iter = cscull_read_iter,
	.write_iter = cscull_write_iter,
#else
	.aio_read = cscull_aio_read,
	.aio_write = cscull_aio_write,
#endif
	.mmap = cscull_mmap,
};

static int __init cscull_init(void)
{
	int i, error;

	cscull_devices = kzalloc(devices * sizeof(*cscull_devices), GFP_KERNEL);
	if (!cscull_devices)
		return -ENOMEM;
	for (i = 0; i < devices; i++)
		mutex_init(&cscull_devices[i].lock);
	error = alloc_chrdev_region(&first, 0, devices, CSCULL_NAME);
	if (error)
		goto free;
	cdev_init(&cscull_cdev, &cscull_fops);
	cscull_cdev.owner = THIS_MODULE;
	error = cdev_add(&cscull_cdev, first, devices);
	if (error)
		goto region;
	return 0;
region:
	unregister_chrdev_region(first, devices);
free:
	kfree(cscull_devices);
	return error;
}

static void __exit cscull_exit(void)
{
	int i;

	cdev_del(&cscull_cdev);
	unregister_chrdev_region(first, devices);
	for (i = 0; i < devices; i++)
		cscull_trim(cscull_devices + i);
	kfree(cscull_devices);
}

module_init(cscull_init);
module_exit(cscull_exit);
MODULE_LICENSE("GPL");
