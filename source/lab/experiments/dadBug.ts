/** The driver dad with one mistake in its interrupt handler, and what dma-debug makes of it. */

import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {dma_unmap_single} from '../../kernel/dma/mapping.ts';
import {type DadBug, dad_transfer, dad_wait} from '../../kernel/drivers/dad.ts';
import {type EraName, erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import type {Experiment} from '../experiment.ts';
import {dmaDump, dmaErrors, kmsg, linesWith} from '../views.ts';
import {ownDad} from './labDevice.ts';
import {choice, kernelBuffer, must, needsDmaDebug, nowUs} from './steps.ts';

const bytes = 2_048;

type DadMistake = Pick<Experiment, 'name' | 'title' | 'claim' | 'comm' | 'lesson'> & {
	readonly bug: DadBug;
	/** What dma-debug prints; absent where it sees nothing until the driver goes. */
	readonly says?: string;
	readonly eras: readonly EraName[];
};

export const withDmaDebug: readonly EraName[] = erasFrom('2.6.32');
export const withoutDmaDebug = {
	eras: erasBefore('2.6.32'),
	says: '2.6.11 has no dma-debug, which came with 2.6.30; the experiment refuses to run there.',
} as const;

/** The experiment that makes a mistake and looks for it in the files of dma-debug. */
export const dadBug = ({bug, says, ...mistake}: DadMistake): Experiment => ({
	...mistake,
	source: 'LDD3 page 452; lib/dma-debug.c',
	rows: [38, 42],
	parameters: [choice('fixed', '1 has the driver do it right', 0)],
	declares: ['device writes memory', 'transfer done'],
	unfit: needsDmaDebug,
	control: {set: {fixed: 1}, fails: says === undefined ? 'the mapping is still there' : 'dma-debug says'},
	*run(x) {
		const {k} = x;
		const dad = yield* ownDad(x);
		const {dev} = dad.pdev;
		const buffer = yield* kernelBuffer(x, bytes, 0);
		const errors = x.read(dmaErrors).value;
		const since = nowUs(k);
		// By itself dma-debug prints one error only, and somebody may have had it.
		k.dma.debug.num_errors = 1;
		if (x.value('fixed') === 0) dad.bug = bug;
		must(dad_transfer(k, dad, false, buffer, bytes), 'dad_transfer');
		const bus = dad.dma_addr;
		const isLeft = ({mappings}: DmaApiDump) => mappings.some(each => each.busAddress === bus);
		const unmapRest = x.later(() => {
			if (isLeft(x.read(dmaDump))) dma_unmap_single(k, dev, bus, bytes, dad.dma_dir);
		});
		// No buffer goes while the device has it.
		x.later(() => dad_wait(k, dad));
		x.expect('the device has the buffer', dmaDump, isLeft, {equals: true});
		yield* x.show('device writes memory');
		must(yield* dad_wait(k, dad), 'transfer');
		yield* x.show('transfer done');
		if (says === undefined) {
			x.expect('the mapping is still there after the transfer', dmaDump, isLeft, {equals: true});
			unmapRest();
		} else {
			x.expect(`dma-debug says “${says}”`, kmsg, linesWith(says, since), {atLeast: 1});
			// What is not mapped any more was mapped nowhere.
			if (bug !== 'unmaps twice')
				x.expect('and in which function it was mapped', kmsg, linesWith(' dad_transfer', since), {atLeast: 1});
			x.expect('error_count has grown', dmaErrors, ({value}) => value - errors, {atLeast: 1});
		}
		x.expect('in the end no mapping is left', dmaDump, isLeft, {equals: false});
		return x.value('fixed') === 1 ? 'the driver made no mistake' : `the driver’s mistake: ${bug}`;
	},
});
