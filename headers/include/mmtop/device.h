#ifndef MMTOP_DEVICE_H
#define MMTOP_DEVICE_H
/*
 * The PCI device of the labs (LDD3 page 452): its registers, and a transfer that is waited for by polling. It moves
 * bytes between memory and a buffer of its own, of 64 KiB, always from the buffer's start.
 */
#include <linux/pci.h>
#include <linux/io.h>
#include <linux/delay.h>
#include <linux/errno.h>

#define LAB_VENDOR 0x1234
#define LAB_DEVICE 0x11e8

#define LAB_COMMAND 0x00
#define LAB_ADDRESS 0x04
#define LAB_LENGTH 0x08
#define LAB_STATUS 0x0c

/* Commands: the device reads memory, or writes it. */
#define LAB_TO_DEVICE 1
#define LAB_FROM_DEVICE 2
#define LAB_ENABLE 4
#define LAB_STOP 8

#define LAB_DONE 1
#define LAB_ERROR 2

/* Starts a transfer of count bytes at a bus address; the device raises its interrupt at the end. */
static inline void lab_start(void __iomem *registers, int command, dma_addr_t bus, size_t count)
{
	writeb(command, registers + LAB_COMMAND);
	writel(bus, registers + LAB_ADDRESS);
	writel(count, registers + LAB_LENGTH);
	writeb(command | LAB_ENABLE, registers + LAB_COMMAND);
}

/* Polls until the device is done. Answers 0, or -EIO where it found no memory at the address. */
static inline int lab_wait(void __iomem *registers)
{
	u32 status;

	while (!((status = readl(registers + LAB_STATUS)) & LAB_DONE))
		udelay(1);
	writel(status, registers + LAB_STATUS);
	return status & LAB_ERROR ? -EIO : 0;
}
#endif
