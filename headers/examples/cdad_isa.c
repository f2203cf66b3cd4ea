/*
 * cdad_isa: a card that moves its samples through a channel of the 8237 (LDD3 page 458), the twin in C of the labs'
 * ISA driver. The line is taken first and the channel second; the controller is programmed under its lock.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/interrupt.h>
#include <linux/wait.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include <linux/io.h>
#include <asm/dma.h>
#include <linux/errno.h>

#define CARD_COMMAND 0
#define CARD_STATUS 1
#define CARD_SAMPLE 1
#define CARD_OUTPUT 2
#define MOST_BYTES 65536

static int port = 0x300;
module_param(port, int, 0444);
static int irq = 7;
module_param(irq, int, 0444);
static int dma = 1;
module_param(dma, int, 0444);

static DECLARE_WAIT_QUEUE_HEAD(done);
static int busy;

/* The transfer is over when nothing is left to move. */
static int cdad_isa_isdone(void)
{
	unsigned long flags = claim_dma_lock();
	int residue;

	clear_dma_ff(dma);
	residue = get_dma_residue(dma);
	release_dma_lock(flags);
	return residue == 0;
}

static irqreturn_t cdad_isa_interrupt(int line, void *dev_id)
{
	inb(port + CARD_STATUS);
	if (!cdad_isa_isdone())
		return IRQ_NONE;
	busy = 0;
	wake_up(&done);
	return IRQ_HANDLED;
}

static void cdad_isa_prepare(int mode, void *buffer, size_t count)
{
	unsigned long flags = claim_dma_lock();

	disable_dma(dma);
	clear_dma_ff(dma);
	set_dma_mode(dma, mode);
	set_dma_addr(dma, __pa(buffer));
	set_dma_count(dma, count);
	enable_dma(dma);
	release_dma_lock(flags);
}

static int cdad_isa_open(struct inode *inode, struct file *filp)
{
	int error = request_irq(irq, cdad_isa_interrupt, 0, "cdad_isa", &done);

	if (error)
		return error;
	error = request_dma(dma, "cdad_isa");
	if (error)
		free_irq(irq, &done);
	return error;
}

static int cdad_isa_release(struct inode *inode, struct file *filp)
{
	free_dma(dma);
	free_irq(irq, &done);
	return 0;
}

static ssize_t cdad_isa_transfer(int write, char __user *buf, size_t count)
{
	ssize_t result = -EFAULT;
	void *buffer;

	/* The controller counts 64 KiB and does not pass a boundary of them; pages in one block do not either. */
	if (count == 0 || count > MOST_BYTES)
		return -EINVAL;
	buffer = (void *)__get_free_pages(GFP_KERNEL | GFP_DMA, get_order(count));
	if (!buffer)
		return -ENOMEM;
	if (write && copy_from_user(buffer, buf, count))
		goto out;
	cdad_isa_prepare(write ? DMA_MODE_WRITE : DMA_MODE_READ, buffer, count);
	busy = 1;
	outb(write ? CARD_OUTPUT : CARD_SAMPLE, port + CARD_COMMAND);
	wait_event(done, !busy);
	if (write || !copy_to_user(buf, buffer, count))
		result = count;
out:
	free_pages((unsigned long)buffer, get_order(count));
	return result;
}

static ssize_t cdad_isa_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	return cdad_isa_transfer(0, buf, count);
}

static ssize_t cdad_isa_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	return cdad_isa_transfer(1, (char __user *)buf, count);
}

static const struct file_operations cdad_isa_fops = {
	.owner = THIS_MODULE,
	.open = cdad_isa_open,
	.release = cdad_isa_release,
	.read = cdad_isa_read,
	.write = cdad_isa_write,
};

static struct miscdevice cdad_isa_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cdad_isa",
	.fops = &cdad_isa_fops,
};

static int __init cdad_isa_init(void)
{
	return misc_register(&cdad_isa_device);
}

static void __exit cdad_isa_exit(void)
{
	misc_deregister(&cdad_isa_device);
}

module_init(cdad_isa_init);
module_exit(cdad_isa_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("DMA over the ISA bus");
