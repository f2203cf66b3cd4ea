/** The files of `/sys/kernel/debug/lab`: what can be injected, what was, the clock, and what machine this is. */
import {formatClock} from '../../formats/debugfs/lab/clock.ts';
import {formatExec} from '../../formats/debugfs/lab/exec.ts';
import {formatExperiments} from '../../formats/debugfs/lab/experiments.ts';
import {formatGdb} from '../../formats/debugfs/lab/gdb.ts';
import {formatInjection, formatInjections, isOver} from '../../formats/debugfs/lab/inject.ts';
import {formatInsmod} from '../../formats/debugfs/lab/insmod.ts';
import {formatLoad} from '../../formats/debugfs/lab/load.ts';
import {formatMachine} from '../../formats/debugfs/lab/machine.ts';
import {micros} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {EraName} from '../../kernel/era/behaviour.ts';
import {callsFile, injectSteps} from '../calls/run.ts';
import {checkFile, checkModule} from '../check.ts';
import {writeClock} from '../clock.ts';
import {execRecord, outputOf, writeExec} from '../exec.ts';
import {experimentRecord} from '../experimentRecord.ts';
import {experiments} from '../experiments/list.ts';
import {gdbRecord, memoryFile, writeGdb} from '../gdb.ts';
import {type Injection, inject} from '../injections.ts';
import {insmodRecord, writeInsmod, writeRmmod} from '../insmod.ts';
import type {LabState} from '../lab.ts';
import {loadRecord, writeLoad} from '../load.ts';
import {rightAnswer} from '../question.ts';
import type {RewindGoal} from '../session.ts';
import {mmtopVersion} from '../version.ts';
import {findingsFile, wholeFinding, writeFindings} from './findings.ts';
import {directory, type Route} from './route.ts';
import {sessionFile} from './session.ts';

/** A program comes in pieces of at most so many characters. */
const longestPiece = 512 * 1024;
/** Two hundred steps, and more. */
const longestSteps = 64 * 1024;

/** @param nowNs the time of the event to go back to is not known, but it has been */
const goalNs = (goal: RewindGoal, nowNs: number) => ('timeNs' in goal ? goal.timeNs : nowNs);

/** It is the longest file that every sample has, and the same on every machine. */
let experimentsText: string | undefined;

function experimentsFile(): string {
	experimentsText ??= formatExperiments({experiments: experiments.map(experimentRecord)});
	return experimentsText;
}

export const labRoutes: readonly Route[] = directory('/sys/kernel/debug/lab', [
	{path: 'experiments', read: experimentsFile},
	{
		path: 'inject',
		read: injectFile,
		write: (state, _args, text, by) => String(inject(state, text, by)),
	},
	{
		path: 'clock',
		read({k, clock, holding, stopped, rewoundNs}) {
			const state = stopped()?.state ?? (clock.paused ? 'paused' : 'running');
			return formatClock({
				timeNs: k.hw.timeline.nowNs,
				rate: clock.rate,
				state: clock.rewindTo ? 'rewinding' : state,
				watch: clock.watch,
				pace: clock.pace,
				holding: holding() ?? null,
				stays: clock.stays,
				stepsWanted: clock.stepsWanted,
				untilNs: clock.untilNs ?? null,
				rewoundNs: clock.rewindTo ? rewoundNs() : null,
				rewindToNs: clock.rewindTo ? goalNs(clock.rewindTo, k.hw.timeline.nowNs) : null,
				stopped: stopped()?.sentence,
			});
		},
		write(state, _args, text) {
			const {nowNs, seq} = state.k.hw.timeline;
			writeClock(state.clock, text, {timeNs: nowNs, events: seq}, state.injections);
			return '';
		},
	},
	{
		path: 'exec',
		read: state => formatExec(execRecord(state)),
		write: (state, _args, text, by) => writeExec(state, text, by),
		longestWrite: longestPiece,
	},
	{
		path: 'exec/:program',
		names: {program: ({programs}) => programs.all.map(({id}) => String(id))},
		read: (state, args) => outputOf(state, args.program!),
	},
	{
		path: 'insmod',
		read: state => formatInsmod(insmodRecord(state)),
		write: (state, _args, text, by) => writeInsmod(state, text, by),
		longestWrite: longestPiece,
	},
	{
		path: 'check',
		read: checkFile,
		write: (state, _args, text, by) => String(checkModule(state, text, by)),
	},
	{
		path: 'calls',
		read: callsFile,
		write: (state, _args, text, by) => String(injectSteps(state, text, by)),
		longestWrite: longestSteps,
	},
	{
		path: 'rmmod',
		read: state => formatInsmod(insmodRecord(state)),
		write: (state, _args, text) => writeRmmod(state, text),
	},
	{
		path: 'gdb',
		read: state => formatGdb(gdbRecord(state)),
		write: (state, _args, text, by) => writeGdb(state, text, by),
	},
	{path: 'gdb/memory/:place', read: ({k}, args) => memoryFile(k, args.place!)},
	{path: 'findings', read: findingsFile, write: (state, _args, text) => writeFindings(state, text)},
	{
		path: 'findings/:id',
		names: {id: ({findings}) => findings.all.map(({id}) => String(id))},
		read: (state, args) => wholeFinding(state, args.id!),
	},
	{path: 'machine', read: machineFile},
	{
		path: 'load',
		read: ({load}) => formatLoad(loadRecord(load)),
		write({k, board, load}, _args, text) {
			writeLoad(k, board, load, text, board.drivers.e100 !== undefined);
			return '';
		},
	},
	{path: 'session', read: sessionFile},
]);

/** What is written of an injection that is over: it says the same for ever. */
const written = new WeakMap<Injection, string>();

function injectFile({injections: {all, names}}: LabState): string {
	const parts = all.map(injection => {
		const known = written.get(injection);
		if (known !== undefined) return known;
		const record = injectionRecord(injection);
		const text = formatInjection(record);
		if (isOver(record)) written.set(injection, text);
		return text;
	});
	return formatInjections(parts, names.length - all.length);
}

function injectionRecord(injection: Injection) {
	return {
		id: injection.id,
		name: injection.experiment.name,
		timeUs: micros(injection.timeNs),
		status: injection.status,
		by: injection.by,
		parameters: Object.entries(injection.values).map(([name, value]) => ({name, value: String(value)})),
		pids: injection.pids,
		result: injection.result === '' ? null : injection.result,
		answer: answerRecord(injection),
		...(isOver(injection) && injection.cutShort && {undecided: injection.result}),
		narration: injection.narration.map(({timeNs, text}) => ({timeUs: micros(timeNs), text})),
		states: injection.states.map(({timeNs, state}) => ({timeUs: micros(timeNs), state})),
		observations: injection.observations.map(({holds, sentence, timeNs, from, expected, seen, quote}) => ({
			state: holds ? ('held' as const) : ('failed' as const),
			sentence,
			timeUs: micros(timeNs),
			file: from?.path ?? null,
			field: from?.field ?? null,
			expected,
			seen,
			...(quote !== undefined && {quote}),
		})),
	};
}

function answerRecord(injection: Injection) {
	// Of steps that ended early, some observations may be missing: they decide nothing.
	if (!isOver(injection) || injection.cutShort) return null;
	const {lesson} = injection.experiment;
	return lesson === undefined ? null : (rightAnswer(lesson.question, injection.observations) ?? null);
}

/** Eras that are not one kernel. */
const composites: Readonly<Partial<Record<EraName, string>>> = {
	ldd3:
		'behaves as 2.6.11, with the names and signatures that readers of LDD3 know (fault, iovec aio), and with files ' +
		'that came later: smaps, pagemap, comm, zoneinfo, vmallocinfo, kpagecount, kpageflags',
	'6.18':
		'behaves as 6.1, with what 6.18.44 has of its own in areas (mmap, mremap, munmap, mprotect), system calls and ' +
		'their flags, files of tmpfs, buffered writes, kept kmaps, DMA pools, dma-debug, interfaces for modules, lines ' +
		'of the log, and rows of smaps, zoneinfo and vmstat',
};

function machineFile({k, machine, devices}: LabState): string {
	const {layout} = k;
	return formatMachine({
		version: mmtopVersion,
		preset: machine.preset,
		era: k.era.name,
		composite: composites[k.era.name] ?? null,
		seed: machine.hardware.seed,
		cpus: machine.hardware.cpus,
		ramBytes: machine.hardware.memBytes,
		highmemBytes: (layout.highend_pfn - layout.max_low_pfn) * PAGE_SIZE,
		pae: k.hw.paging.mode === 'pae',
		swiotlb: k.dma.swiotlb === undefined ? 'off' : k.dma.swiotlb.force ? 'force' : 'auto',
		iommu: k.hw.bus.iommu !== undefined,
		coherentCaches: k.hw.bus.cache === undefined,
		zones: k.pages.zones
			.filter(zone => zone.spanned_pages > 0)
			.map(zone => ({name: zone.name, startPfn: zone.zone_start_pfn, frames: zone.spanned_pages})),
		ranges: [
			{name: 'lowmem', start: 0xc000_0000, end: layout.high_memory},
			{name: 'vmalloc', start: layout.VMALLOC_START, end: layout.VMALLOC_END},
			{name: 'pkmap', start: layout.PKMAP_BASE, end: layout.PKMAP_BASE + layout.LAST_PKMAP * PAGE_SIZE},
			{name: 'fixmap', start: layout.FIXADDR_START, end: layout.FIXADDR_TOP},
		],
		devices: devices.map(({address, name, driver}) => ({address, name, driver: driver()})),
	});
}
