/** translate/<space>:<address>: one address through every kind that it has, and the walk that leads there. */
import {
	formatTranslate,
	parseSpaceAddress,
	type SpaceAddress,
	type Translation,
	type WalkStep,
} from '../../formats/debugfs/translate.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf, wordFor} from '../../formats/words.ts';
import {PAGE_SIZE, type Pfn, physicalAddress} from '../../hardware/address.ts';
import {
	_PAGE_ACCESSED,
	_PAGE_DIRTY,
	_PAGE_GLOBAL,
	_PAGE_PCD,
	_PAGE_PRESENT,
	_PAGE_PSE,
	_PAGE_PWT,
	_PAGE_RW,
	_PAGE_USER,
	entryAddress,
	type Walk,
	walkPageTables,
} from '../../hardware/mmu.ts';
import {eachMapping} from '../../kernel/dma/entries.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {PAGE_OFFSET, pfn_valid} from '../../kernel/mm/page.ts';
import {LabError} from '../errors.ts';
import {atomicOf, busAddressIn, dmaMappingsOf, kmapOf, logicalOf, mappersOfFrame, vmallocOf} from './addresses.ts';
import {mustBeFrame, physicalEnd} from './exists.ts';

type Found = {readonly physical: number | undefined; readonly why: string; readonly walk: Walk | undefined};

/** @throws LabError EINVAL, ENOENT for a pid or device that does not exist */
export function translateFile(k: Kernel, text: string): string {
	const query = parseQuery(text);
	const {space, address} = query;
	if (space !== 'phys' && space !== 'pfn' && address >= 2 ** 32) {
		throw new LabError('EINVAL', `an address of kind ${space} has 32 bits, got ${prefixedHex(address)}`);
	}
	const found = locate(k, query);
	return formatTranslate({
		query,
		answers: found.physical === undefined ? unreachable(query, found.why) : everyKind(k, query, found.physical),
		walk: found.walk ? walkSteps(k, found.walk) : [],
	});
}

function parseQuery(text: string): SpaceAddress {
	try {
		return parseSpaceAddress(text);
	} catch (reason) {
		throw new LabError('EINVAL', `translate takes ${reason instanceof Error ? reason.message : 'an address'}`);
	}
}

/** Physical address that a question leads to, or why it leads nowhere. */
function locate(k: Kernel, {space, owner, address}: SpaceAddress): Found {
	const direct = (physical: number): Found => ({physical, why: '', walk: undefined});
	switch (space) {
		case 'phys': {
			const end = physicalEnd(k);
			if (address < end) return direct(address);
			throw new LabError(
				'EINVAL',
				`a physical address must be 0..${prefixedHex(end - 1)}, got ${prefixedHex(address)}`,
			);
		}
		case 'pfn':
			mustBeFrame(k, address);
			return direct(address * PAGE_SIZE);
		case 'logical':
			if (address >= PAGE_OFFSET && address < k.layout.high_memory) return walkKernel(k, address);
			return {
				physical: undefined,
				why: `logical addresses lie in 0x${PAGE_OFFSET.toString(16)}..0x${k.layout.high_memory.toString(16)}`,
				walk: undefined,
			};
		case 'virt':
			if (address >= PAGE_OFFSET) return walkKernel(k, address);
			return {physical: undefined, why: 'kernel addresses begin at 0xc0000000', walk: undefined};
		case 'user':
			return walkUser(k, owner!, address);
		case 'bus':
			return throughDevice(k, owner!, address);
	}
}

function walkKernel(k: Kernel, address: number): Found {
	const walk = walkPageTables(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address);
	return {physical: walk.physical, why: notPresent(walk), walk};
}

function walkUser(k: Kernel, owner: string, address: number): Found {
	const task = k.sched.tasks.get(Number(owner));
	if (!task) throw new LabError('ENOENT', `no process ${owner}`);
	if (!task.mm) throw new LabError('EINVAL', `${task.comm} (${owner}) is a kernel thread: it has no user addresses`);
	const walk = walkPageTables(k.hw.ram, k.hw.paging, task.mm.pgd, address);
	const area = task.mm.mmap.find(address);
	const mapped = area !== undefined && area.vm_start <= address;
	const why = mapped
		? `${notPresent(walk)}: nothing was touched there yet`
		: 'no area of the process holds this address';
	return {physical: walk.physical, why, walk};
}

const notPresent = (walk: Walk) => `the ${walk.steps.at(-1)!.level} entry is not present`;

function throughDevice(k: Kernel, owner: string, address: number): Found {
	if (!k.dma.devices.has(owner)) throw new LabError('ENOENT', `no device ${owner}`);
	const {iommu} = k.hw.bus;
	if (!iommu) return {physical: address, why: '', walk: undefined};
	const physical = iommu.translate(owner, address as never, false);
	return {physical, why: 'the IOMMU maps nothing there', walk: undefined};
}

const unreachable = (query: SpaceAddress, why: string): Translation[] => [
	{space: query.space, owner: query.owner, address: query.address},
	{space: 'phys', reason: why},
];

function everyKind(k: Kernel, query: SpaceAddress, physical: number): Translation[] {
	const frame = Math.floor(physical / PAGE_SIZE) as Pfn;
	const offset = physical % PAGE_SIZE;
	const at = (space: Translation['space'], address: number, owner: string | null = null): Translation => ({
		space,
		owner,
		address,
	});
	const answers: Translation[] = [at('phys', physical), at('pfn', frame)];
	if (!pfn_valid(k, frame)) {
		const why = `0x${physical.toString(16)} is not RAM: device memory has no struct page`;
		return [...answers, {space: 'logical', reason: why}, ...virtualOfDevice(k, physical), {space: 'user', reason: why}];
	}
	const logical = logicalOf(k, frame);
	answers.push(
		'address' in logical ? at('logical', logical.address + offset) : {space: 'logical', reason: logical.reason},
	);
	const virtual = [kmapOf(k, frame), vmallocOf(k, frame)]
		.flatMap(each => ('address' in each ? [each.address] : []))
		.concat(atomicOf(k, frame).map(each => each.address));
	if ('address' in logical) virtual.unshift(logical.address);
	if (virtual.length > 0) answers.push(...virtual.map(address => at('virt', address + offset)));
	else {
		const reason = `pfn 0x${frame.toString(16)} is high memory and not mapped: it has no kernel address`;
		answers.push({space: 'virt', reason});
	}
	const users = mappersOfFrame(k, frame);
	if (users.length > 0) answers.push(...users.map(user => at('user', user.address + offset, String(user.task.pid))));
	else answers.push({space: 'user', reason: 'no process maps it'});
	return [...answers, ...busAnswers(k, query, frame, offset)];
}

function busAnswers(k: Kernel, query: SpaceAddress, frame: Pfn, offset: number): Translation[] {
	const mappings = dmaMappingsOf(k, frame);
	if (mappings.length > 0) {
		return mappings.map(entry => ({
			space: 'bus',
			owner: entry.dev.bus_id,
			address: busAddressIn(entry, frame) + (entry.paddr > frame * PAGE_SIZE ? 0 : offset),
		}));
	}
	if (query.space === 'bus') return [{space: 'bus', owner: query.owner, address: query.address}];
	const count = eachMapping(k.dma.mappings).length;
	return [
		{
			space: 'bus',
			reason: `no driver has mapped it for a device (${countOf(count, 'mapping')} ${wordFor(count, 'is', 'are')})`,
		},
	];
}

/** Kernel addresses of device memory: the ioremap areas that cover it. */
function virtualOfDevice(k: Kernel, physical: number): Translation[] {
	const found = k.vmalloc.busy.flatMap(({area}) => {
		if (area?.phys_addr === undefined) return [];
		const offset = physical - area.phys_addr;
		return offset >= 0 && offset < area.size - PAGE_SIZE
			? [{space: 'virt' as const, owner: null, address: area.addr + offset}]
			: [];
	});
	return found.length > 0 ? found : [{space: 'virt', reason: 'no driver has mapped it with ioremap()'}];
}

const flagWords: readonly (readonly [number, string])[] = [
	[_PAGE_RW, 'rw'],
	[_PAGE_USER, 'user'],
	[_PAGE_PWT, 'write-through'],
	[_PAGE_PCD, 'uncached'],
	[_PAGE_ACCESSED, 'accessed'],
	[_PAGE_DIRTY, 'dirty'],
	[_PAGE_GLOBAL, 'global'],
];

function walkSteps(k: Kernel, walk: Walk): WalkStep[] {
	const wide = k.hw.paging.entryBytes === 8;
	return walk.steps.map(({level, index, low, high}) => {
		const digits = (low >>> 0).toString(16).padStart(8, '0');
		const present = (low & _PAGE_PRESENT) !== 0;
		const words = present ? flagWords.filter(([flag]) => (low & flag) !== 0).map(([, word]) => word) : ['not present'];
		return {
			level,
			index,
			entry: wide ? (high >>> 0).toString(16).padStart(8, '0') + digits : digits,
			meaning: present ? `present ${words.join(' ')}, ${target(k, level, low, high)}` : words[0]!,
		};
	});
}

function target(k: Kernel, level: string, low: number, high: number): string {
	const address = entryAddress(k.hw.paging, low >>> 0, high);
	const place = `0x${physicalAddress(address).toString(16)}`;
	if (level === 'pte') return `page at ${place}`;
	const large = (low & _PAGE_PSE) !== 0 && !(level === 'pgd' && k.hw.paging.mode === 'pae');
	return large ? `large page at ${place}` : `table at ${place}`;
}
