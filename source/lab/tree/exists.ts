/** Is there what somebody asks about? What there is not has no answer, but an error that says so. */

import type {CauseObject} from '../../formats/debugfs/cause.ts';
import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {eachMapping} from '../../kernel/dma/entries.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {TASK_SIZE} from '../../kernel/mm/mm.ts';
import {LabError} from '../errors.ts';

/** Physical addresses that the processor can put on its bus: 32 bits, 36 with PAE. */
export const physicalEnd = ({hw}: Kernel): number => (hw.paging.mode === 'pae' ? 2 ** 36 : 2 ** 32);

/** @throws LabError EINVAL where no machine of this kind could have it */
export function mustBeFrame(k: Kernel, pfn: number, frames = 1): void {
	const end = physicalEnd(k) / PAGE_SIZE;
	if (pfn + frames > end)
		throw new LabError('EINVAL', `a pfn must be 0..${prefixedHex(end - 1)}, got ${prefixedHex(pfn + frames - 1)}`);
}

/**
 * What can be told from the numbers alone.
 *
 * @throws LabError EINVAL for a number that this machine does not have, ENOENT for a device
 */
export function mustBePossible(k: Kernel, object: CauseObject): void {
	switch (object.kind) {
		case 'pfn':
			return mustBeFrame(k, object.pfn, object.frames);
		case 'vma':
			if (object.address >= TASK_SIZE) {
				throw new LabError(
					'EINVAL',
					`areas lie below ${prefixedHex(TASK_SIZE)}, not at ${prefixedHex(object.address)}`,
				);
			}
			if (object.pid > k.sched.mostPid) throw new LabError('ENOENT', `no process had the number ${object.pid}`);
			return;
		case 'slot': {
			const cpus = k.sched.cpus.length;
			const {perCpu} = k.highmem.atomic;
			if (object.cpu >= cpus) throw new LabError('EINVAL', `a CPU must be 0..${cpus - 1}, got ${object.cpu}`);
			if (object.slot >= perCpu) throw new LabError('EINVAL', `a slot must be 0..${perCpu - 1}, got ${object.slot}`);
			return;
		}
		case 'mapping':
		case 'pool':
			if (!k.dma.devices.has(object.device)) throw new LabError('ENOENT', `no device ${object.device}`);
			return;
		case 'iocb':
			if (object.id < 1 || object.id >= k.aio.nextKiocb)
				throw new LabError('ENOENT', `no iocb had the number ${object.id}`);
			return;
		case 'zone':
		case 'finding':
		case 'event':
	}
}

/** Why there is nothing to ask about; undefined where it is there now. */
export function whyAbsent(k: Kernel, object: CauseObject): string | undefined {
	switch (object.kind) {
		case 'vma': {
			const task = k.sched.tasks.get(object.pid);
			if (!task) return `no process ${object.pid}`;
			const area = task.mm?.mmap.find(object.address);
			const isThere = area !== undefined && area.vm_start <= object.address;
			return isThere ? undefined : `no area of process ${object.pid} holds ${prefixedHex(object.address)}`;
		}
		case 'mapping': {
			const isThere = eachMapping(k.dma.mappings).some(
				({dev, dev_addr, size}) =>
					dev.bus_id === object.device && dev_addr <= object.address && object.address < dev_addr + size,
			);
			return isThere ? undefined : `no mapping of device ${object.device} holds ${prefixedHex(object.address)}`;
		}
		case 'pool': {
			const isThere = k.dma.devices.get(object.device)?.dma_pools.some(({name}) => name === object.name);
			return isThere ? undefined : `device ${object.device} has no pool ${object.name}`;
		}
		case 'iocb':
			return [...k.aio.kiocbs].some(({id}) => id === object.id) ? undefined : `no iocb ${object.id} is in flight`;
		case 'event':
			return `no event ${object.name} at that time`;
		case 'pfn':
		case 'slot':
		case 'zone':
		case 'finding':
			return undefined;
	}
}
