/** Reads from a target what a report says. */

import {parseClock} from '../../formats/debugfs/lab/clock.ts';
import {type FindingRecord, parseFindings, parseWholeFinding} from '../../formats/debugfs/lab/findings.ts';
import {parseMachine} from '../../formats/debugfs/lab/machine.ts';
import {parseSession} from '../../formats/debugfs/lab/session.ts';
import {pathOf} from '../../formats/fileRow.ts';
import {files, pciDevices} from '../../formats/files.ts';
import {mmtopVersion} from '../../lab/version.ts';
import {sampleAll} from '../../target/batches.ts';
import {fromSampled} from '../../target/content.ts';
import type {SampledFile, Target} from '../../target/target.ts';
import {apartNsOf} from '../apart.ts';
import type {MachineReport, ReportFile, ReportSection} from './text.ts';

/** Newest lines of the trace that a report has. */
const traceLines = 400;

const fixedSections: readonly {readonly title: string; readonly paths: readonly string[]}[] = [
	{title: 'Log', paths: [files.kmsg.path]},
	{title: 'End of the trace', paths: [pathOf(files.traceTail, {lines: traceLines})]},
	{title: 'Memory', paths: [files.meminfo.path, files.buddyinfo.path, files.vmallocinfo.path]},
	{title: 'DMA', paths: [files.dmaDump.path, files.dmaPools.path, files.swiotlb.path, files.dmaErrors.path]},
	{title: 'kmap', paths: [files.kmapAtomic.path, files.pkmap.path]},
	{title: 'Asynchronous I/O', paths: [files.aio.path]},
	{title: 'Modules', paths: [files.modules.path, files.interrupts.path]},
];

async function names(target: Target, directory: string): Promise<readonly string[]> {
	try {
		return await target.list(directory);
	} catch {
		return [];
	}
}

async function findingsOf(target: Target): Promise<readonly FindingRecord[] | undefined> {
	try {
		const content = await target.read(files.findings.path);
		return typeof content === 'string' ? parseFindings(content).findings : undefined;
	} catch {
		return undefined;
	}
}

/** Files of the pools of devices, and of the processes that findings are about, as far as they are there. */
async function furtherPaths(target: Target, findings: readonly FindingRecord[]) {
	const devices = await names(target, pciDevices);
	const pools = devices.map(device => pathOf(files.pools, {device: device.replace(/\/$/, '')}));
	const running = new Set(await names(target, '/proc'));
	const pids = [...new Set(findings.map(({task}) => task.pid))].filter(pid => running.has(`${pid}/`));
	const maps = pids.flatMap(pid => [pathOf(files.maps, {pid}), pathOf(files.vma, {pid})]);
	return {pools, maps};
}

/** @param command line that did what is reported, where there was one */
export async function gatherReport(target: Target, command?: string): Promise<MachineReport> {
	const before = (await findingsOf(target)) ?? [];
	const {pools, maps} = await furtherPaths(target, before);
	const whole = before.map(({id}) => pathOf(files.finding, {id}));
	const optionalOf = (title: string) => (title === 'DMA' ? pools : []);
	const paths = [
		...[files.machine.path, files.clock.path, files.session.path, files.findings.path, ...whole, ...maps],
		...fixedSections.flatMap(each => [...each.paths, ...optionalOf(each.title)]),
	];
	const samples = await sampleAll(target, [...new Set(paths)]);
	const sampled = new Map(samples.flatMap(sample => Object.entries(sample.files)));
	const record = <T>(path: string, parse: (text: string) => T): T | undefined => {
		const text = textOf(sampled.get(path));
		return text === undefined ? undefined : parse(text);
	};
	const filesOf = (wanted: readonly string[], isOptional: boolean): readonly ReportFile[] =>
		wanted.map(path => fileOf(path, sampled.get(path))).filter(file => !isOptional || 'content' in file);
	// Those that were found meanwhile are in the list, too.
	const found = record(files.findings.path, parseFindings)?.findings;
	const processes: ReportSection = {title: 'Processes that findings are about', files: filesOf(maps, true)};
	const state = record(files.clock.path, parseClock);
	return {
		version: mmtopVersion,
		target: target.name,
		kind: target.kind,
		timeNs: samples[0]?.timeNs ?? 0,
		apartNs: apartNsOf(samples),
		machine: record(files.machine.path, parseMachine),
		state: state && `${state.state}, rate ${state.rate}${state.stopped === undefined ? '' : `: ${state.stopped}`}`,
		session: record(files.session.path, parseSession),
		command,
		findings: found?.map(each => record(pathOf(files.finding, {id: each.id}), parseWholeFinding) ?? each).reverse(),
		sections: [
			...(processes.files.length > 0 ? [processes] : []),
			...fixedSections.map(({title, paths: wanted}) => ({
				title,
				files: [...filesOf(wanted, false), ...filesOf(optionalOf(title), true)],
			})),
		],
	};
}

function textOf(file: SampledFile | undefined): string | undefined {
	const content = file && fromSampled(file);
	return typeof content === 'string' ? content : undefined;
}

function fileOf(path: string, file: SampledFile | undefined): ReportFile {
	const content = textOf(file);
	if (content !== undefined) return {path, content: content === '' ? '(empty)' : content};
	return {path, missing: file && 'error' in file ? file.error : 'the target left it out'};
}
