import {DMA_NONE, DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_single, dma_unmap_single} from '../../kernel/dma/mapping.ts';
import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {User} from '../userland.ts';
import {kmsg, linesWith} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {choice, kernelBuffer, nowUs, reap, startChild} from './steps.ts';

const bytes = 512;

export const dmaNone: Experiment = {
	name: 'dma-none',
	title: 'DMA_NONE is not a direction to map with',
	claim: 'A mapping with DMA_NONE is a BUG: the kernel says where, and ends the task that asked for it.',
	source: 'LDD3 page 448; asm-i386/dma-mapping.h; include/linux/dma-mapping.h',
	rows: [38],
	parameters: [choice('direction', '1 takes DMA_TO_DEVICE', 0)],
	declares: ['mapping asked for'],
	control: {set: {direction: 1}, fails: 'the process that asks'},
	comm: 'dmanone',
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dmaNone,
		setup:
			'A driver sets the direction of its transfer to DMA_NONE until it knows better, forgets to, and calls ' +
			'dma_map_single() (with direction=1 it does not forget).',
		question: {
			ask: 'What does dma_map_single() do?',
			answers: [
				{
					text: 'It stops with a BUG, and the process dies.',
					when: {'the process that asks': true, 'the log says': true},
				},
				{text: 'It maps the buffer.', when: {'the process that asks': false}},
			],
		},
		looks: [{pane: 'log', says: 'kernel BUG at …'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const dev = yield* labDevice(k);
		const buffer = yield* kernelBuffer(x, bytes, 0x11);
		const direction = x.value('direction') === 1 ? DMA_TO_DEVICE : DMA_NONE;
		const since = nowUs(k);
		function* asks() {
			const bus = dma_map_single(k, dev, buffer, bytes, direction);
			dma_unmap_single(k, dev, bus, bytes, direction);
			return 0;
		}
		const status = yield* reap(u, yield* startChild(u, {comm: 'forgetful', body: asks}));
		x.observe('the process that asks is killed', status, {equals: 11});
		x.expect('the log says where the BUG is', kmsg, linesWith('kernel BUG at', since), {atLeast: 1});
		yield* x.show('mapping asked for');
		return status === 0 ? 'the buffer was mapped' : `the process died of signal ${status}`;
	},
};
