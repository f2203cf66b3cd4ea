/*
 * NAME: a slow device. What is read from it is there at once, but the end of an asynchronous read comes 20 ms later.
 *
 * Your part: tell requests that wait from those that do not, and complete the latter from delayed work.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/version.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/aio.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

static const char text[] = "later\n";

/* A request whose end is still to come. */
struct NAME_request {
	struct kiocb *iocb;
	long result;
	struct delayed_work work;
};

/* Tells the kernel that a request has ended. */
static inline void NAME_end(struct kiocb *iocb, long result)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
	iocb->ki_complete(iocb, result);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(4, 1, 0)
	iocb->ki_complete(iocb, result, 0);
#else
	aio_complete(iocb, result, 0);
#endif
}

/* The data has been moved: what the read method answers. */
static ssize_t NAME_answer(struct kiocb *iocb, ssize_t result)
{
	/*
	 * Your part: an error, and the result of a synchronous request (is_sync_kiocb), is the answer itself. For any other
	 * request keep iocb and result in a struct NAME_request, schedule its work for HZ / 50 jiffies, and answer
	 * -EIOCBQUEUED. The work calls NAME_end() once and frees the request.
	 */
	return result;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 16, 0)
static ssize_t NAME_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return NAME_answer(iocb, copy_to_iter(text, sizeof(text) - 1, to));
}
#else
static ssize_t NAME_aio_read(struct kiocb *iocb, const struct iovec *iov, unsigned long segments, loff_t pos)
{
	size_t count = min(iov[0].iov_len, sizeof(text) - 1);

	return NAME_answer(iocb, copy_to_user(iov[0].iov_base, text, count) ? -EFAULT : (ssize_t)count);
}
#endif

static const struct file_operations NAME_fops = {
	.owner = THIS_MODULE,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(3, 16, 0)
	.read_iter = NAME_read_iter,
#else
	.aio_read = NAME_aio_read,
#endif
};

static struct miscdevice NAME_device = {.minor = MISC_DYNAMIC_MINOR, .name = "NAME", .fops = &NAME_fops};

static int __init NAME_init(void)
{
	return misc_register(&NAME_device);
}

static void __exit NAME_exit(void)
{
	misc_deregister(&NAME_device);
	/* No request of ours may still be under way. */
	flush_scheduled_work();
}

module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
