/**
 * /proc/interrupts: kernel/irq/proc.c show_interrupts() and the architecture's own rows below it. 2.6.11 prints chip and
 * flow as one word (`IO-APIC-edge`) in 14 columns, 2.6.32 in two fields, 5.10 puts the hardware's number between them.
 *
 * Not modelled: more than 999 interrupts, which widen the first column.
 */

import type {Dialect} from '../dialect.ts';
import {since} from '../dialect.ts';
import {joinLines, Lines} from '../text.ts';

export type InterruptLine = {
	readonly irq: number;
	/** Since boot, in the order of `cpus`. */
	readonly counts: readonly number[];
	/** In the 2.6.11 dialect with the flow: `IO-APIC-edge`. */
	readonly chip: string;
	/** The interrupt's number in its controller; null before 5.10. */
	readonly hwirq: number | null;
	/** `edge`, `fasteoi`, `level`; null in the 2.6.11 dialect. */
	readonly flow: string | null;
	/** Names of the handlers that share the line. */
	readonly actions: readonly string[];
};

export type InterruptSummary = {
	/** `NMI`, `LOC`, `ERR`. */
	readonly label: string;
	/** One count a CPU; one in all for ERR and MIS. */
	readonly counts: readonly number[];
	readonly description: string | null;
};

export type Interrupts = {
	/** '2.6.11', '2.6.32' or '5.10'. */
	readonly dialect: Dialect;
	readonly cpus: readonly number[];
	readonly lines: readonly InterruptLine[];
	readonly summary: readonly InterruptSummary[];
};

const formatCounts = (counts: readonly number[]) => counts.map(count => `${String(count).padStart(10)} `).join('');

function formatLine(line: InterruptLine, dialect: Dialect): string {
	const head = `${String(line.irq).padStart(3)}: ${formatCounts(line.counts)}`;
	const actions = line.actions.length === 0 ? '' : `  ${line.actions.join(', ')}`;
	if (!since(dialect, '2.6.32')) return `${head} ${line.chip.padStart(14)}${actions}`;
	const hwirq = since(dialect, '5.10') ? ` ${String(line.hwirq ?? '').padStart(3)}` : '';
	const flow = line.flow === null ? '' : `-${line.flow.padEnd(8)}`;
	return `${head} ${line.chip.padStart(8)}${hwirq}${flow}${actions}`;
}

const isTotal = (label: string) => label === 'ERR' || label === 'MIS';

function formatSummary({label, counts, description}: InterruptSummary): string {
	const head = `${label.padStart(3)}: `;
	if (isTotal(label)) return head + String(counts[0]).padStart(10);
	return head + formatCounts(counts) + (description === null ? '' : `  ${description}`);
}

export function formatInterrupts({dialect, cpus, lines, summary}: Interrupts): string {
	const header = ' '.repeat(11) + cpus.map(cpu => `CPU${String(cpu).padEnd(8)}`).join('');
	return joinLines([header, ...lines.map(line => formatLine(line, dialect)), ...summary.map(formatSummary)]);
}

type Controller = Pick<InterruptLine, 'chip' | 'hwirq' | 'flow' | 'actions'>;

/** What stands behind the counts of the first line tells the dialect. */
function dialectOf(text: string): Dialect {
	if (/^ *\S+ +\d+-\S/.test(text)) return '5.10';
	// 2.6.11 right-aligns chip and flow as one word of 14; 2.6.32 right-aligns the chip and fills behind the flow.
	const chip = /^ +(\S+)(?: {2}\S.*)?$/.exec(text)?.[1];
	return chip !== undefined && text.startsWith(` ${chip.padStart(14)}`) ? '2.6.11' : '2.6.32';
}

const controllerPatterns = {
	'2.6.11': /^ *(?<chip>\S+)(?: +(?<names>.*))?$/,
	'2.6.32': /^ *(?<chip>\S+?)(?:-(?<flow>XT-PIC|[^-\s]+))?(?: +(?<names>.*))?$/,
	'5.10': /^ *(?<chip>\S+) +(?<hwirq>\d+)?(?:-(?<flow>\S+))?(?: +(?<names>.*))?$/,
};

function parseController(text: string, dialect: Dialect): Controller {
	const pattern = controllerPatterns[dialect as keyof typeof controllerPatterns];
	const {chip = '', hwirq, flow, names} = pattern.exec(text)?.groups ?? {};
	return {
		chip,
		hwirq: hwirq === undefined ? null : Number(hwirq),
		flow: flow ?? null,
		actions: names ? names.split(', ') : [],
	};
}

/** @throws FormatError */
export function parseInterrupts(text: string): Interrupts {
	const lines = new Lines('interrupts', text);
	const [names] = lines.match(/^ +((?:CPU\d+ *)+)$/, 'CPU0 CPU1 …');
	const cpus = names!
		.split(' ')
		.filter(Boolean)
		.map(name => Number(name.slice(3)));
	const linePattern = new RegExp(`^ *(\\d+): ((?: *\\d+ ){${cpus.length}})(.*)$`);
	const numbers = (counts: string) => counts.split(' ').filter(Boolean).map(Number);
	const found: InterruptLine[] = [];
	let dialect: Dialect | undefined;
	for (;;) {
		const groups = lines.tryMatch(linePattern);
		if (groups === undefined) break;
		dialect ??= dialectOf(groups[2]!);
		found.push({irq: Number(groups[0]), counts: numbers(groups[1]!), ...parseController(groups[2]!, dialect)});
	}
	const summary: InterruptSummary[] = [];
	while (!lines.done) {
		const [label, counts, description] = lines.match(/^ *([A-Z]\w*): ([\d ]*\d)(?: +(\S.*)| *)$/, 'label: counts');
		summary.push({label: label!, counts: numbers(counts!), description: description || null});
	}
	return {dialect: dialect ?? '2.6.11', cpus, lines: found, summary};
}
