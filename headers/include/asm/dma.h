/* The two 8237 controllers of an ISA bus. */
#ifndef MMTOP_ASM_DMA_H
#define MMTOP_ASM_DMA_H
#include <linux/types.h>
#include <linux/spinlock.h>
#define MAX_DMA_CHANNELS 8
#define MAX_DMA_ADDRESS (PAGE_OFFSET + 0x1000000)
#define DMA_MODE_READ 0x44
#define DMA_MODE_WRITE 0x48
#define DMA_MODE_CASCADE 0xc0
#define DMA_AUTOINIT 0x10
extern int request_dma(unsigned int channel, const char *name);
extern void free_dma(unsigned int channel);
extern unsigned long claim_dma_lock(void);
extern void release_dma_lock(unsigned long flags);
extern void enable_dma(unsigned int channel);
extern void disable_dma(unsigned int channel);
extern void clear_dma_ff(unsigned int channel);
extern void set_dma_mode(unsigned int channel, char mode);
extern void set_dma_page(unsigned int channel, char page);
extern void set_dma_addr(unsigned int channel, unsigned int address);
extern void set_dma_count(unsigned int channel, unsigned int count);
extern int get_dma_residue(unsigned int channel);
#endif
