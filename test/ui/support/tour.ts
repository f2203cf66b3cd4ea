/** Eight questions of somebody who has read about memory and not seen it, and the keys that answer each. */

import {parseAio} from '../../../source/formats/debugfs/aio.ts';
import {parseCause} from '../../../source/formats/debugfs/cause.ts';
import {parseKmapAtomic} from '../../../source/formats/debugfs/kmapAtomic.ts';
import {parsePageInfo} from '../../../source/formats/debugfs/page.ts';
import {parseTranslate} from '../../../source/formats/debugfs/translate.ts';
import {pathOf} from '../../../source/formats/fileRow.ts';
import {files} from '../../../source/formats/files.ts';
import {pageBytes} from '../../../source/formats/pageBytes.ts';
import {parseMaps} from '../../../source/formats/proc/maps.ts';
import {address, prefixedHex, seconds} from '../../../source/formats/text.ts';
import {path} from '../../../source/model/paths.ts';
import {litOf} from '../../../source/ui/panes/lit.ts';
import {layoutOf} from '../../../source/ui/state/layout.ts';
import type {PaneId} from '../../../source/ui/state/panes.ts';
import type {State} from '../../../source/ui/state/state.ts';
import {storyOf} from '../../../source/ui/state/story.ts';
import type {Rect} from '../../../source/ui/terminal/surface.ts';
import {overlayView} from '../../../source/ui/view/overlayView.ts';
import {type Picture, textIn} from './picture.tsx';
import type {Reader} from './reader.ts';

/** What is on the screen and what the machine's files say, at one instant. */
type Look = {
	readonly state: State;
	/** The text of a file. */
	read(path: string): Promise<string>;
};

export type Question = {
	readonly ask: string;
	/** From the first screen of `mmtop`. */
	readonly keys: readonly string[];
	/** Where the answer stands. */
	readonly shows: readonly ('banner' | 'overlay' | PaneId)[];
	/** How to read it, in a sentence or two. */
	readonly says: string;
	/** Words and numbers of the answer, as the machine's files have them. */
	readonly answer: (look: Look) => Promise<readonly string[]>;
};

export const mostKeys = 6;

/** The areas of the process that the maps pane shows. */
async function areasOf({state, read}: Look) {
	const pid = state.processes.picturedPid!;
	return {pid, areas: parseMaps(await read(path.maps(pid))).areas};
}

/** The area of a device, and the process that has mapped it. */
async function deviceArea(look: Look, device: string) {
	const {pid, areas} = await areasOf(look);
	return {pid, ...areas.find(({pathname}) => pathname === device)!};
}

/** The page frame behind a user address. */
async function frameOf({read}: Look, pid: number, at: number): Promise<number> {
	const {answers} = parseTranslate(await read(path.translateUser(pid, at)));
	const physical = answers.find(each => each.space === 'phys' && 'address' in each);
	return physical && 'address' in physical ? physical.address / pageBytes : Number.NaN;
}

export const questions: readonly Question[] = [
	{
		ask: 'What is this part of a process that has no name?',
		keys: ['down', 'down', 'down', 'enter'],
		shows: ['overlay'],
		says:
			'Each row of maps is an area, and Enter says what each of its fields means. This one is the data of the ' +
			'program that begin as zeros: the file holds no bytes of it, so it has no name, no device and no inode.',
		async answer(look) {
			const {pid, areas} = await areasOf(look);
			const area = areas.find(({pathname}) => pathname === null)!;
			return [
				`area ${address(area.start)} of ${(await look.read(path.comm(pid))).trim()}-${pid}`,
				`${address(area.start)}-${address(area.end)}`,
				`data of ${areas[0]!.pathname} that begin as zeros (.bss)`,
			];
		},
	},
	{
		ask: 'Where in memory is the page behind a user address?',
		keys: ['down', '8', 'z'],
		shows: ['page'],
		says:
			'Pane 8 is a ladder from the user address down: the entry of the page directory, the entry of the page table, ' +
			'the page frame, its physical address. This frame lies in high memory, so it has no logical address.',
		async answer(look) {
			const {pid, areas} = await areasOf(look);
			const {start} = areas[0]!;
			const pfn = await frameOf(look, pid, start);
			const {zone, physicalAddress, logical} = parsePageInfo(await look.read(path.page(pfn)));
			return [
				`user      ${address(start)}`,
				`frame     ${prefixedHex(pfn)} ${zone}`,
				`physical  ${address(physicalAddress)}`,
				...('reason' in logical ? ['logical   none: high memory'] : [`logical   ${address(logical.address)}`]),
			];
		},
	},
	{
		ask: 'By which address does a device reach memory, and by which the kernel?',
		keys: ['c', '4', 'down', '8', 'z'],
		shows: ['page'],
		says:
			'The driver asked dma_alloc_coherent() for a buffer and got two addresses for it. On this machine the bus address ' +
			'is the physical one. The kernel’s own is logical: 0xc0000000 more, as __va() adds it.',
		async answer({state, read}) {
			const {physicalAddress, logical, bus} = parsePageInfo(await read(path.page(litOf(state).pfn!)));
			return [
				`bus       ${address(bus[0]!.address)} ${bus[0]!.device}`,
				`logical   ${address('address' in logical ? logical.address : Number.NaN)}`,
				`- 0xc0000000 = 0x${address(physicalAddress)}`,
			];
		},
	},
	{
		ask: 'What does a program find where a device mapping was made longer?',
		keys: ['m', 'enter', 'enter'],
		shows: ['banner', 'maps'],
		says:
			'The driver has no fault method. So the kernel maps the zero page there, as it does for memory without a file: ' +
			'it reads as zeros and has nothing to do with the device.',
		async answer(look) {
			const {pid, start, end} = await deviceArea(look, '/dev/simple0');
			const beyond = start + (end - start) / 2;
			const pfn = await frameOf(look, pid, beyond);
			return [
				`${address(start)}-${address(end)}`,
				`user:${pid}:${prefixedHex(beyond)}: ${pfn}`,
				'the first new page reads as zeros (0)',
			];
		},
	},
	{
		ask: 'Which pages does a direct read pin, and who holds them?',
		keys: ['d', 'enter', '5', 'down', 'enter'],
		shows: ['overlay'],
		says:
			'The request holds the pages of the program’s own buffer, for the disk writes into them and the kernel keeps no ' +
			'copy. They need not lie side by side: the number behind a + says how many frames follow each other.',
		async answer({read}) {
			const {kiocbs} = parseAio(await read(path.aio));
			const {id, comm, pid, pagesPinned, pinned} = kiocbs.find(each => each.comm === 'directrd')!;
			return [
				`kiocb ${id} of ${comm}-${pid}`,
				`pins        ${pagesPinned}`,
				...pinned.map(({pfn, frames}) => `${prefixedHex(pfn)}+${frames}`),
			];
		},
	},
	{
		ask: 'Whose is a slot of kmap_atomic(), and which page does it show?',
		keys: ['t', '3', 'down', 'enter'],
		shows: ['overlay'],
		says:
			'A slot is a fixed kernel address of one CPU. Code that takes it changes one page-table entry, so that the ' +
			'address leads to a page of high memory, and must not sleep until the slot is given back.',
		async answer({read}) {
			const slots = parseKmapAtomic(await read(path.kmapAtomic)).cpus.flatMap(cpu => cpu.slots);
			const {cpu, slot, type, vaddr, pfn, holder} = slots.find(each => each.holder?.comm === 'kmapper')!;
			return [
				`kmap_atomic slot ${slot} of cpu${cpu}`,
				`type        ${type}`,
				`vaddr       ${address(vaddr)}`,
				`pfn         ${prefixedHex(pfn!)}`,
				`holder      ${holder!.comm}-${holder!.pid}`,
			];
		},
	},
	{
		ask: 'How many requests does the disk have at once, and how far is each?',
		keys: ['a', '5', 'z'],
		shows: ['iocbs'],
		says:
			'io_submit() came back at once, so all of them wait together. Each holds a page; the ring of the context gets ' +
			'the results, in the order in which the disk is done.',
		async answer({read}) {
			const {contexts, kiocbs} = parseAio(await read(path.aio));
			const {comm, inFlight} = contexts.find(each => each.comm === 'aioburst')!;
			return [
				`${comm} ctx`,
				`${inFlight} out`,
				...kiocbs
					.filter(each => each.comm === comm)
					.map(
						({pid, opcode, pos, state}) =>
							`${pid} ${comm} ${opcode}  async ${pos.toString(16).padStart(8)}   4k ${state}`,
					),
			];
		},
	},
	{
		ask: 'Why does a process have /dev/zero (deleted) in its maps?',
		keys: ['down', 'down', 'down', 'down', 'w'],
		shows: ['overlay'],
		says:
			'w asks what made a row. A call of mmap() did, for memory that is anonymous and shared: the kernel keeps such ' +
			'memory in a file without a name, which shows as /dev/zero, deleted.',
		async answer(look) {
			const {pid, areas} = await areasOf(look);
			const {start} = areas.find(({pathname}) => pathname === '/dev/zero (deleted)')!;
			const cause = parseCause(await look.read(pathOf(files.cause, {object: `vma:${pid}:${prefixedHex(start)}`})));
			const {events, within} = cause.changes[0]!;
			return [
				`what made area ${address(start)} of process ${pid}?`,
				`${seconds(events[0]!.timeUs)}  ${events[0]!.name}`,
				`in ${within[0]!.name}`,
				'MAP_SHARED|MAP_ANONYMOUS',
				`= ${within[0]!.result}`,
			];
		},
	},
];

/** What somebody who does not hurry sees before the next key: the step of a story that a key began or went on to. */
async function settled(reader: Reader): Promise<void> {
	await reader.frames(2);
	await reader.until(state => !state.injections.awaits && storyOf(state)?.stage !== 'going');
}

export async function pressed(reader: Reader, keys: readonly string[]): Promise<void> {
	await settled(reader);
	for (const key of keys) {
		await reader.press(key);
		await settled(reader);
	}
}

function rectOf(state: State, where: Question['shows'][number]): Rect {
	const layout = layoutOf(state);
	if (layout.kind === 'small') throw new Error('there is no room for a pane');
	const rect =
		where === 'overlay'
			? overlayView(state)?.rect
			: where === 'banner'
				? layout.banner
				: layout.panes.find(({id}) => id === where)?.rect;
	if (!rect) throw new Error(`no ${where} is on the screen`);
	return rect;
}

/** Without the empty rows at the end of a pane. */
function cropped(rows: readonly string[]): readonly string[] {
	const last = rows.slice(0, -1).findLastIndex(row => !/^│ *│$/.test(row));
	return [...rows.slice(0, last + 1), rows.at(-1)!];
}

/** Parts of the screen, one below the other. */
export const partsOf = (state: State, picture: Picture, shows: Question['shows']): readonly string[] =>
	shows.flatMap(where => cropped(textIn(picture, rectOf(state, where)).map(row => row.trimEnd())));

const keyNames: Readonly<Record<string, string>> = {down: '↓', end: 'End', enter: 'Enter'};

type Answered = {readonly question: Question; readonly parts: readonly string[]};

export const tourDocument = (answered: readonly Answered[]): string =>
	[
		'# A tour in eight questions',
		'',
		'Each is answered by a few keys from the first screen of `mmtop`, here at 120x40. Where a key begins a story or goes',
		'on with it, read what the banner says before you press the next one: it waits for you. `q` and a new start give a',
		'machine on which nothing was done.',
		'',
		'This page is made by `npm run docs`. A test presses the keys on a calm machine, and what the page shows must be what',
		'the files of the machine say at that instant. Your numbers depend on when you press.',
		'',
		...answered.flatMap(({question: {ask, keys, says}, parts}, index) => [
			`## ${index + 1}. ${ask}`,
			'',
			`Press ${keys.map(key => `<kbd>${keyNames[key] ?? key}</kbd>`).join(' ')}`,
			'',
			'```',
			...parts,
			'```',
			'',
			says,
			'',
		]),
	].join('\n');
