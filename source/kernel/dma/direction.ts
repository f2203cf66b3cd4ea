/** Models include/linux/dma-direction.h: which way the bytes of a streaming mapping go. */
export type dma_data_direction = 0 | 1 | 2 | 3;

export const DMA_BIDIRECTIONAL = 0;
/** The device reads memory; write-like for the program. */
export const DMA_TO_DEVICE = 1;
/** The device writes memory. */
export const DMA_FROM_DEVICE = 2;
/** A debugging aid: using it is a bug. */
export const DMA_NONE = 3;

export const DIRECTION_NAMES = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'] as const;
export const directionName = (direction: dma_data_direction) => DIRECTION_NAMES[direction];

/** Whether the device may write (read) memory of such a mapping. */
export const deviceWrites = (direction: dma_data_direction) =>
	direction === DMA_FROM_DEVICE || direction === DMA_BIDIRECTIONAL;
export const deviceReads = (direction: dma_data_direction) =>
	direction === DMA_TO_DEVICE || direction === DMA_BIDIRECTIONAL;
