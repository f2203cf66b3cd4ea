/** /proc/dma: ISA DMA channels in use, kernel/dma.c proc_dma_show(), the same text from 2.6.11 to 6.18. */

import {joinLines, Lines} from '../text.ts';

type DmaChannel = {
	readonly channel: number;
	/** The device that requested it; `cascade` holds channel 4. */
	readonly device: string;
};

export type Dma = {readonly channels: readonly DmaChannel[]};

export function formatDma({channels}: Dma): string {
	return joinLines(channels.map(({channel, device}) => `${String(channel).padStart(2)}: ${device}`));
}

/** @throws FormatError */
export function parseDma(text: string): Dma {
	const lines = new Lines('dma', text);
	const channels: DmaChannel[] = [];
	while (!lines.done) {
		const [channel, device] = lines.match(/^ *(\d+): (.*)$/s, 'channel: device');
		channels.push({channel: Number(channel), device: device!});
	}
	return {channels};
}
