import type {KernelVirtualAddress, Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {kread8, kwrite8} from '../../kernel/mm/access.ts';
import {GFP_HIGHUSER} from '../../kernel/mm/gfp.ts';
import {page_address} from '../../kernel/mm/highmem.ts';
import {KM_USER0, KM_USER1, kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import {PageHighMem} from '../../kernel/mm/page.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import {spend} from '../../kernel/time.ts';
import {type Experiment, ExperimentFailed} from '../experiment.ts';

export const atomicKmaps: Experiment = {
	name: 'atomic-kmaps',
	title: 'Atomic kmaps of high memory',
	key: 't',
	claim: 'kmap_atomic() gives a high page a kernel address in a slot of this CPU, only until kunmap_atomic().',
	source: 'mission row 11; LDD3 page 418; arch/i386/mm/highmem.c',
	rows: [11],
	parameters: [{name: 'rounds', about: 'copies from page to page', least: 1, most: 64, usual: 2, unit: 'copies'}],
	declares: ['slot held', 'two slots held', 'slots free'],
	unfit: k => (k.layout.highend_pfn > k.layout.max_low_pfn ? undefined : 'this machine has no high memory'),
	comm: 'kmapper',
	*run(x) {
		const {k} = x;
		const source = yield* highPage(k);
		const target = yield* highPage(k);
		let copied = true;
		for (let round = 1; round <= x.value('rounds'); round++) {
			const from = kmap_atomic(k, source, KM_USER0);
			kwrite8(k, from, round);
			if (round === 1) x.say(`kmap_atomic(pfn 0x${source.toString(16)}, KM_USER0) = 0x${from.toString(16)}`);
			yield* x.show('slot held');
			const to = kmap_atomic(k, target, KM_USER1);
			if (round === 1) x.say(`kmap_atomic(pfn 0x${target.toString(16)}, KM_USER1) = 0x${to.toString(16)}`);
			yield* spend(COST.copyPageNs);
			kwrite8(k, to, kread8(k, from));
			copied &&= kread8(k, to) === round;
			yield* x.show('two slots held');
			unmapBoth(k, from, to);
			yield* x.show('slots free');
		}
		x.observe('what was written through one slot was read through the other', copied);
		x.observe('kmap_atomic leaves page_address() of a high page NULL', page_address(k, source) === undefined);
		put_page(k, source);
		put_page(k, target);
		return `${x.value('rounds')} pages were copied through two slots of one CPU`;
	},
};

/** Newest first, as the stack of later kernels demands; the typed slots of 2.6 do not mind. */
function unmapBoth(k: Kernel, first: KernelVirtualAddress, second: KernelVirtualAddress): void {
	kunmap_atomic(k, second, KM_USER1);
	kunmap_atomic(k, first, KM_USER0);
}

function* highPage(k: Kernel) {
	const page: Pfn | undefined = yield* alloc_pages(k, GFP_HIGHUSER, 0);
	if (page === undefined) throw new ExperimentFailed('no page was free');
	if (PageHighMem(k, page)) return page;
	put_page(k, page);
	throw new ExperimentFailed('no page of high memory was free: low memory needs no slot');
}
