import {dma_set_mask} from '../../kernel/dma/masks.ts';
import {DMA_BIT_MASK, type device} from '../../kernel/drivers/device.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {ownDevice} from './labDevice.ts';
import {told} from './steps.ts';

const maskOf = ({dma_mask}: device) => dma_mask?.toString(16);

export const dmaMask: Experiment = {
	name: 'dma-mask',
	title: 'What a device can reach',
	claim:
		'dma_set_mask() returns 0 for a mask that the machine can serve and -EIO for one below 24 bits, which ' +
		'it leaves unset.',
	source: 'LDD3 page 445 has it the other way round; kernel/dma/mapping.c',
	rows: [34],
	parameters: [{name: 'bits', about: 'address lines of the device', least: 8, most: 64, usual: 23, unit: 'bits'}],
	declares: ['mask asked for'],
	control: {set: {bits: 24}, fails: 'the narrow mask is refused'},
	comm: 'dmamask',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.dmaMask,
		setup:
			'A device has 23 address lines (parameter bits), and its driver says so with dma_set_mask(). Zone ' +
			'DMA, the lowest memory that can be asked for, needs 24.',
		question: {
			ask: 'What does dma_set_mask() do?',
			answers: [
				{text: 'It returns 0 and sets the mask.', when: {'the narrow mask': false}},
				{
					text: 'It returns -EIO, and the mask is set all the same.',
					when: {'the narrow mask': true, 'and the old one': false},
				},
				{text: 'It returns -EIO and leaves the old mask.', when: {'the narrow mask': true, 'and the old one': true}},
			],
		},
		corrections: [
			'“dma_set_mask() returns nonzero if DMA is possible” is the wrong way round: 0 is success in every kernel.',
		],
		looks: [
			{
				pane: 'trace',
				says: 'the answer; the book’s sample takes nonzero for success, and Linux has it the other way round',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = ownDevice(x);
		const before = maskOf(dev);
		const narrow = dma_set_mask(k, dev, DMA_BIT_MASK(x.value('bits')));
		yield* x.show('mask asked for');
		x.say(`dma_set_mask(${x.value('bits')} bits) = ${told(narrow)}`);
		x.observe('the narrow mask is refused with EIO', told(narrow), {equals: '-EIO'});
		x.observe('and the old one stays', maskOf(dev), {equals: before});
		x.observe('32 bits are accepted with 0', dma_set_mask(k, dev, DMA_BIT_MASK(32)), {equals: 0});
		return `${x.value('bits')} bits: ${told(narrow)}`;
	},
};
