/** What files about DMA mappings say in the same words. */

import {type Cell, oneOf} from '../cells.ts';

/** `enum dma_data_direction`. */
export type DmaDirection = 'DMA_BIDIRECTIONAL' | 'DMA_TO_DEVICE' | 'DMA_FROM_DEVICE' | 'DMA_NONE';

/** Who may touch the bytes of a mapping now. */
export type DmaOwner = 'cpu' | 'device';

export const dmaDirection: Cell<DmaDirection> = oneOf(
	'DMA_BIDIRECTIONAL',
	'DMA_TO_DEVICE',
	'DMA_FROM_DEVICE',
	'DMA_NONE',
);

export const dmaOwner: Cell<DmaOwner> = oneOf('cpu', 'device');
