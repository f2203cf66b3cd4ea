/** vma/<pid>/START-END: the page frames behind a part of an address space. */
import {formatVmaFrames, type VmaFramesRun} from '../../formats/debugfs/vmaFrames.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {LabError} from '../errors.ts';
import {eachPresentPage} from './smaps.ts';

/** @throws LabError EINVAL for anything but two hexadecimal addresses as maps prints them */
export function vmaFrames(k: Kernel, {pid, mm}: task_struct, range: string): string {
	const found = /^([\da-f]{1,8})-([\da-f]{1,8})$/i.exec(range);
	if (!found) throw new LabError('EINVAL', `a part of an address space is START-END in hexadecimal, got "${range}"`);
	const [start, end] = [Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16)];
	const runs: VmaFramesRun[] = [];
	let present = 0;
	for (const vma of mm!.mmap) {
		if (vma.vm_end <= start || vma.vm_start >= end) continue;
		eachPresentPage(k, mm!, vma, (_entry, pfn, address) => {
			if (address < start || address >= end) return;
			present++;
			const last = runs.at(-1);
			const follows =
				last && address === last.address + last.run.frames * PAGE_SIZE && pfn === last.run.pfn + last.run.frames;
			if (follows) runs[runs.length - 1] = {...last, run: {pfn: last.run.pfn, frames: last.run.frames + 1}};
			else runs.push({address, run: {pfn, frames: 1}});
		});
	}
	return formatVmaFrames({pid, start, end, present, runs});
}
