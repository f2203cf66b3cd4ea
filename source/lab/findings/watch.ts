/** Watches a kernel: what it reports, and what is wrong without a word of it. */
import {formatCauseObject} from '../../formats/debugfs/cause.ts';
import type {Severity} from '../../formats/debugfs/lab/findings.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf, wereOf, wordFor} from '../../formats/words.ts';
import type {Pfn} from '../../hardware/address.ts';
import type {dma_pool} from '../../kernel/dma/dmapool.ts';
import {type dma_debug_entry, eachMapping} from '../../kernel/dma/entries.ts';
import type {device} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {PageReserved, pageUse} from '../../kernel/mm/page.ts';
import {withinNow} from '../../kernel/trace.ts';
import {type LostPool, type Made, moduleNow, type Report, type ReportKind, type Watcher} from '../../kernel/watch.ts';
import {
	begins,
	changes,
	ends,
	type FindingsState,
	type Found,
	happened,
	type KnownFinding,
	settle,
	stays,
	writeStale,
} from './findings.ts';
import {type Lost, mappingObject, oldThings} from './old.ts';
import {clock, framesNamed, framesOf, listed, mostObjects, whoOf} from './words.ts';

const severities: Readonly<Record<Exclude<ReportKind, 'message'>, Severity>> = {
	panic: 'error',
	oops: 'error',
	bug: 'error',
	warning: 'warning',
	'dma-debug': 'warning',
	oom: 'warning',
};

const severityOf = ({kind, lines}: Report): Severity =>
	kind === 'message' ? (lines[0]!.level <= 3 ? 'error' : 'warning') : severities[kind];

/** How often old things are looked for. */
const lookNs = 1e9;

export function watchKernel(k: Kernel, findings: FindingsState): void {
	const pins = pinsAlone(k, findings);
	const lost = lostThings(k, findings);
	const slots = sleptSlots(k, findings);
	let nextNs = lookNs;
	k.timers.onTick.push(() => {
		writeStale(findings);
		const {nowNs} = k.hw.timeline;
		if (nowNs < nextNs) return;
		nextNs = nowNs + lookNs;
		for (const [word, found] of Object.entries(oldThings(k, findings.olderNs, lost.known())))
			settle(findings, word, found, nowNs);
		slots.look();
	});
	const watcher: Watcher = {...reports(k, findings), ...pins, ...lost.watcher, ...slots.watcher};
	k.watcher = watcher;
}

// ── reports of the log ─────────────────────────────────────────────────────────────────────────────────────────────

/** What a report is about, as objects and frames. */
function subjectOf({about: {pfn, mapping, dev, pool}}: Report, frames: number): Pick<Found, 'objects' | 'frames'> {
	const objects = [
		...(pfn === undefined ? [] : [formatCauseObject({kind: 'pfn', pfn, frames: 1})]),
		...(mapping ? [mappingObject(mapping)] : []),
		...(dev && pool !== undefined ? [formatCauseObject({kind: 'pool', device: dev.bus_id, name: pool})] : []),
	];
	const mapped = mapping ? framesOf(mapping.paddr, mapping.size, frames) : [];
	return {objects, frames: [...(pfn === undefined ? [] : [pfn]), ...mapped]};
}

function reports(k: Kernel, findings: FindingsState): Pick<Watcher, 'report'> {
	/** Those that are known, by their first line: the same again is counted. */
	const known = new Map<string, KnownFinding>();
	/** The last report, which the next line may belong to. */
	let last: {readonly finding: KnownFinding; readonly report: Report; readonly seq: number} | undefined;
	/** Whether a message goes on with a line that came at once after it. */
	const goesOn = ({kind, timeNs, pid, lines}: Report) =>
		kind === 'message' &&
		last?.report.kind === 'message' &&
		last.report.timeNs === timeNs &&
		last.report.pid === pid &&
		last.seq + 1 === lines[0]!.seq;
	return {
		report(report) {
			const {kind, about, timeNs, comm, pid, module, record, lines} = report;
			const text = about.says ?? lines[0]!.text;
			const [says] = text.split('\n') as [string];
			const key = `${kind}:${comm}:${text}`;
			const again = known.get(key);
			const {seq} = lines.at(-1)!;
			if (again && findings.all.includes(again)) {
				again.times++;
				again.untilNs = timeNs;
				last = {finding: again, report, seq};
				return;
			}
			if (last && goesOn(report)) {
				if (last.finding.times === 1) last.finding.lines.push(...lines);
				last = {...last, seq};
				return;
			}
			const driver = module ?? about.dev?.driver ?? about.mapping?.driver ?? null;
			const subject = subjectOf(report, k.mem_map.frames);
			const found = {
				key,
				kind,
				severity: severityOf(report),
				sinceNs: timeNs,
				comm,
				pid,
				driver,
				record,
				says,
				...subject,
			};
			const finding = happened(findings, found, timeNs, [...lines]);
			last = {finding, report, seq};
			known.set(key, finding);
			if (known.size > 2 * findings.all.length + 64)
				for (const [text, each] of known) if (!findings.all.includes(each)) known.delete(text);
		},
	};
}

// ── frames that only a pin holds ───────────────────────────────────────────────────────────────────────────────────

/** The pins of a frame that has no other holder. */
function pinsThatHold(k: Kernel, frame: Pfn) {
	const pins = k.mm.pins.get(frame);
	// A ring of AIO is pinned by the kernel for itself.
	if (!pins || PageReserved(k, frame) || pageUse(k, frame) === 'ring') return undefined;
	const weight = pins.reduce((sum, pin) => sum + pin.weight, 0);
	return k.mem_map._count[frame] === weight ? pins : undefined;
}

function pinsAlone(k: Kernel, findings: FindingsState): Pick<Watcher, 'putPinned' | 'unpinned'> {
	const alone = new Map<Pfn, string>();
	/** As long as one of their frames is alone. */
	const groups = new Map<string, {readonly frames: Set<number>; readonly since: Made; readonly sinceNs: number}>();
	const say = (key: string) => {
		const {frames, since, sinceNs} = groups.get(key)!;
		const all = [...frames].sort((a, b) => a - b);
		const [is, it] = [wordFor(all.length, 'is', 'are'), wordFor(all.length, 'it', 'them')];
		begins(findings, {
			key,
			kind: 'pin-alone',
			severity: 'warning',
			sinceNs,
			comm: since.comm,
			pid: since.pid,
			driver: since.module ?? null,
			record: since.record,
			says:
				`${framesNamed(all)} ${is} held by a pin alone: nothing maps ${it}; ` +
				`get_user_pages() of ${whoOf(since)} took ${it} at ${clock(since.timeNs)}`,
			frames: all,
			objects: all.slice(0, mostObjects).map(pfn => formatCauseObject({kind: 'pfn', pfn, frames: 1})),
		});
	};
	return {
		putPinned(frame) {
			if (alone.has(frame)) return;
			const pins = pinsThatHold(k, frame);
			if (!pins) return;
			const [{made, mm}] = pins as [(typeof pins)[number]];
			const key = `pin-alone:${made.pid}:${mm.id}`;
			const group = groups.get(key) ?? {frames: new Set(), since: made, sinceNs: k.hw.timeline.nowNs};
			groups.set(key, group);
			group.frames.add(frame);
			alone.set(frame, key);
			if (group.frames.size === 1) say(key);
			else changes(findings, key, () => say(key));
		},
		unpinned(frame) {
			const key = alone.get(frame);
			if (key === undefined || k.mm.pins.has(frame)) return;
			alone.delete(frame);
			const {frames} = groups.get(key)!;
			// The last one stays in what is written of it.
			if (frames.size > 1) {
				frames.delete(frame);
				changes(findings, key, () => say(key));
			} else {
				ends(findings, key, k.hw.timeline.nowNs);
				groups.delete(key);
			}
		},
	};
}

// ── what drivers and modules leave behind ──────────────────────────────────────────────────────────────────────────

type LostThings = {
	readonly watcher: Pick<Watcher, 'driverLeft' | 'unmapped' | 'poolLost' | 'moduleLeft'>;
	readonly known: () => Lost;
};

type LostMappings = {
	readonly dev: device;
	readonly driver: string;
	readonly sinceNs: number;
	/** Those that were not destroyed. */
	readonly pools: readonly dma_pool[];
	/** The oldest first. */
	entries: readonly dma_debug_entry[];
};

/** Whether an unmapping cannot tell two mappings of a device from each other. */
const isSame = (one: dma_debug_entry, other: dma_debug_entry) =>
	one.dev_addr === other.dev_addr &&
	one.size === other.size &&
	one.type === other.type &&
	one.direction === other.direction &&
	one.sg_call_ents === other.sg_call_ents;

function lostThings(k: Kernel, findings: FindingsState): LostThings {
	const mappings = new Map<string, LostMappings>();
	/** Whose each of them is, by key: most of what is unmapped was not lost. */
	const keyOf = new Map<dma_debug_entry, string>();
	let number = 0;

	const known = (): Lost => {
		const all = [...mappings.values()];
		return {
			entries: new Set(all.flatMap(({entries}) => entries)),
			pools: new Set(all.flatMap(({pools}) => pools)),
		};
	};
	/** Mappings of a device that are not lost, the oldest first. */
	const mappingsOf = (dev: device, lost: Lost) =>
		eachMapping(k.dma.mappings)
			.filter(entry => entry.dev === dev && !lost.entries.has(entry))
			.sort((one, other) => one.made.timeNs - other.made.timeNs);
	const say = (key: string, {dev, driver, sinceNs, pools, entries}: LostMappings) => {
		const {comm, pid, record} = entries[0]!.made;
		const names = entries.map(({dev_addr, size, type}) => `${prefixedHex(dev_addr)} (${type}, ${size} bytes)`);
		const inPools = pools.length === 0 ? '' : `; pools that were not destroyed: ${listed(pools.map(({name}) => name))}`;
		begins(findings, {
			key,
			kind: 'mapping-lost',
			severity: 'error',
			sinceNs,
			comm,
			pid,
			driver,
			record,
			says: `${driver} left ${dev.bus_id} with ${countOf(entries.length, 'DMA mapping')}: ${listed(names)}${inPools}`,
			frames: [...new Set(entries.flatMap(({paddr, size}) => framesOf(paddr, size, k.mem_map.frames)))],
			objects: entries.slice(0, mostObjects).map(mappingObject),
		});
	};

	return {
		known,
		watcher: {
			unmapped(entry) {
				const key = keyOf.get(entry);
				const lost = key === undefined ? undefined : mappings.get(key);
				if (key === undefined || !lost) return;
				// A later driver has given its own back: of two that are equal one is still there.
				const twin = mappingsOf(entry.dev, known()).findLast(other => isSame(entry, other));
				const entries = lost.entries.flatMap(each => (each !== entry ? [each] : twin ? [twin] : []));
				keyOf.delete(entry);
				if (twin) keyOf.set(twin, key);
				if (entries.length > 0) {
					lost.entries = entries;
					changes(findings, key, () => say(key, lost));
				} else {
					ends(findings, key, k.hw.timeline.nowNs);
					mappings.delete(key);
				}
			},
			driverLeft(dev, driver) {
				const lost = known();
				const entries = mappingsOf(dev, lost).filter(entry => entry.driver === driver);
				if (entries.length === 0) return;
				const key = `mapping-lost:${++number}`;
				const pools = dev.dma_pools.filter(pool => !lost.pools.has(pool));
				const left = {dev, driver, sinceNs: k.hw.timeline.nowNs, pools, entries};
				mappings.set(key, left);
				for (const entry of entries) keyOf.set(entry, key);
				say(key, left);
			},
			poolLost: pool => void stays(findings, poolFound(k, pool, ++number)),
			moduleLeft(name, left) {
				if (left.length === 0) return;
				const {comm, pid} = k.cpu.current;
				stays(findings, {
					key: `module-left:${++number}`,
					kind: 'module-left',
					severity: 'error',
					sinceNs: k.hw.timeline.nowNs,
					comm,
					pid,
					driver: name,
					record: withinNow(k),
					says: `the module ${name} was taken out and left behind: ${left.join(', ')}`,
					frames: [],
					objects: [],
				});
			},
		},
	};
}

function poolFound(k: Kernel, {name, dev, frames, blocks}: LostPool, number: number): Found {
	const first = blocks[0];
	const {comm, pid} = first ?? k.cpu.current;
	const all = frames.flatMap(run => Array.from({length: run.frames}, (_, i) => run.pfn + i));
	const out = wereOf(blocks.length, 'block');
	return {
		key: `pool-lost:${number}`,
		kind: 'pool-lost',
		severity: 'error',
		sinceNs: k.hw.timeline.nowNs,
		comm,
		pid,
		driver: first?.module ?? dev?.driver ?? null,
		record: first?.record ?? 'untraced',
		says:
			`the DMA pool ${name}${dev ? ` of ${dev.bus_id}` : ''} was destroyed while ${out} out: its ${framesNamed(all)} ` +
			`can never be freed${first ? `; ${whoOf(first)} took the first at ${clock(first.timeNs)}` : ''}`,
		frames: all,
		objects: dev ? [formatCauseObject({kind: 'pool', device: dev.bus_id, name})] : [],
	};
}

// ── slots of kmap_atomic ───────────────────────────────────────────────────────────────────────────────────────────

function sleptSlots(k: Kernel, findings: FindingsState) {
	type Slept = {readonly slots: readonly number[]; readonly frames: readonly number[]};
	const slept = new Map<string, Slept>();
	return {
		look() {
			const {held} = k.highmem.atomic;
			for (const [key, {slots, frames}] of slept) {
				if (slots.some((slot, i) => held[slot] === frames[i])) continue;
				slept.delete(key);
				ends(findings, key, k.hw.timeline.nowNs);
			}
		},
		watcher: {
			sleptWithSlots() {
				const {cpu, era} = k;
				const task = cpu.current;
				// Slots of kmap_local_page() go with the task.
				if (era.hasKmapLocal && task.pagefault_disabled === 0) return;
				const {held: frameOf, perCpu, lastHolder, lastContext, lastRecord} = k.highmem.atomic;
				const key = `slot-slept:${task.pid}`;
				if (findings.open.has(key)) return;
				const slots = Array.from({length: perCpu}, (_, i) => cpu.id * perCpu + i).filter(
					slot => frameOf[slot]! >= 0 && lastHolder[slot] === task && lastContext[slot] === 0,
				);
				const [first] = slots;
				if (first === undefined) return;
				const frames = slots.map(slot => frameOf[slot]!);
				const held = countOf(slots.length, 'slot');
				slept.set(key, {slots, frames});
				begins(findings, {
					key,
					kind: 'slot-slept',
					severity: 'error',
					sinceNs: k.hw.timeline.nowNs,
					comm: task.comm,
					pid: task.pid,
					driver: moduleNow(k) ?? null,
					record: lastRecord[first]!,
					says: `${whoOf(task)} gave up cpu${cpu.id} while it held ${held} of kmap_atomic(): ${framesNamed(frames)}`,
					frames,
					objects: slots.map(slot => formatCauseObject({kind: 'slot', cpu: cpu.id, slot: slot % perCpu})),
				});
			},
		},
	};
}
