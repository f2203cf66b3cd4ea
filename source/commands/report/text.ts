/** A report of a machine, as Markdown: what was found, with all that one would ask for next. */
import {frameRun} from '../../formats/cells.ts';
import type {FindingRecord, parseWholeFinding} from '../../formats/debugfs/lab/findings.ts';
import type {MachineRecord} from '../../formats/debugfs/lab/machine.ts';
import type {SessionRecord} from '../../formats/debugfs/lab/session.ts';
import {seconds} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {apartHint} from '../apart.ts';
import {replayLines} from './replay.ts';

type Whole = ReturnType<typeof parseWholeFinding>;

/** A file of the machine, or why there is none. */
export type ReportFile =
	| {readonly path: string; readonly content: string}
	| {readonly path: string; readonly missing: string};

/** Files under one heading. */
export type ReportSection = {readonly title: string; readonly files: readonly ReportFile[]};

export type MachineReport = {
	readonly version: string;
	readonly target: string;
	readonly kind: string;
	readonly timeNs: number;
	/** How far the instants lie apart at which its files were read: 0 when it was one. */
	readonly apartNs: number;
	readonly machine: MachineRecord | undefined;
	/** How the clock stands. */
	readonly state: string | undefined;
	readonly session: SessionRecord | undefined;
	/** Command line that did what is reported, where there was one. */
	readonly command: string | undefined;
	/** Newest first; undefined on a target that has no such file. */
	readonly findings: readonly (Whole | FindingRecord)[] | undefined;
	readonly sections: readonly ReportSection[];
};

/** Text that stands as it is, whatever is in it. */
function verbatim(text: string): readonly string[] {
	const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
	const fence = '`'.repeat(longest + 1);
	return [fence, text.replace(/\n$/, ''), fence, ''];
}

const mebibytes = (bytes: number): string => `${bytes / 2 ** 20} MiB`;

function machineLines({machine, session, state}: MachineReport): readonly string[] {
	if (!machine) return ['- not a simulated machine'];
	const {preset, era, composite, seed, cpus, ramBytes, highmemBytes, pae, swiotlb, iommu, coherentCaches} = machine;
	return [
		`- machine: preset ${preset}, era ${era}, seed ${seed}, ${countOf(cpus, 'CPU')}`,
		...(composite === null ? [] : [`- the era ${era} ${composite}`]),
		`- memory: ${mebibytes(ramBytes)}, of which ${mebibytes(highmemBytes)} are high memory${pae ? ', PAE' : ''}`,
		`- DMA: swiotlb ${swiotlb}, ${iommu ? 'an' : 'no'} IOMMU, caches ${coherentCaches ? 'coherent' : 'not coherent'}`,
		...(state === undefined ? [] : [`- clock: ${state}`]),
		...(session === undefined ? [] : [`- writes to it: ${session.writes.length}`]),
	];
}

function againLines({command, session, kind}: MachineReport): readonly string[] {
	if (command !== undefined) return verbatim(command);
	if (session) return verbatim(replayLines(session).join('\n'));
	const why = kind === 'host' ? 'This is a real Linux' : 'This target has no file of its session';
	return [`${why}: it cannot be done again from here.`, ''];
}

function findingLines(found: Whole | FindingRecord): readonly string[] {
	const whole = 'finding' in found ? found : undefined;
	const finding = 'finding' in found ? found.finding : found;
	const {id, kind, severity, sinceUs, untilUs, times, task, driver, frames, objects, says} = finding;
	const until = untilUs === null ? 'still so' : `until ${seconds(untilUs)} s`;
	const runs = frames.map(frameRun.show);
	return [
		`### ${id}: ${kind} (${severity}${untilUs === null ? ', still so' : ''})`,
		'',
		says,
		'',
		`- since ${seconds(sinceUs)} s, ${until}${times > 1 ? `, ${times} times` : ''}`,
		`- who: ${task.comm}-${task.pid}${driver === null ? '' : `, driver ${driver}`}`,
		...(objects.length === 0 ? [] : [`- what: ${objects.join(', ')}`]),
		...(runs.length === 0 ? [] : [`- page frames: ${runs.join(', ')}`]),
		'',
		...(whole ? chainLines(whole) : []),
		...(whole && whole.log.length > 0 ? ['The report in the log:', '', ...verbatim(whole.log.join('\n'))] : []),
	];
}

function chainLines({changes}: Whole): readonly string[] {
	if (changes.length === 0) return ['What it happened within was not traced.', ''];
	const rows = changes.flatMap(({events, within, origin, injection}) => [
		...[...events, ...within].map(({timeUs, cpu, task, context, name, text, result}, depth) => {
			const what = result === null ? `${name}: ${text}` : `${name}(${text}) -> ${result}`;
			const lead = depth === 0 ? '' : `${'  '.repeat(depth)}in `;
			return `${lead}[${seconds(timeUs)}] cpu${cpu} ${task.comm}-${task.pid} ${context} ${what}`;
		}),
		`from: ${origin}${injection === null ? '' : `, injection ${injection.id}, ${injection.name}`}`,
	]);
	return ['What it happened within:', '', ...verbatim(rows.join('\n'))];
}

function findingsLines({findings}: MachineReport): readonly string[] {
	if (!findings) return ['This target does not look for any.', ''];
	return findings.length === 0 ? ['None.', ''] : findings.flatMap(findingLines);
}

function sectionLines({title, files}: ReportSection): readonly string[] {
	return [
		`## ${title}`,
		'',
		...files.flatMap(file => [
			`### ${file.path}`,
			'',
			...('missing' in file ? [`Not there: ${file.missing}`, ''] : verbatim(file.content)),
		]),
	];
}

export function reportText(report: MachineReport): string {
	const {version, target, kind, timeNs, apartNs, sections} = report;
	const lines = [
		`# mmtop report: ${target} at ${seconds(Math.floor(timeNs / 1000))} s`,
		'',
		`- mmtop ${version}, target ${target} (${kind})`,
		...(apartNs === 0 ? [] : [`- ${apartHint(apartNs)}`]),
		...machineLines(report),
		'',
		'## To do it again',
		'',
		...againLines(report),
		'## Findings',
		'',
		...findingsLines(report),
		...sections.flatMap(sectionLines),
	];
	return `${lines.join('\n').trimEnd()}\n`;
}
