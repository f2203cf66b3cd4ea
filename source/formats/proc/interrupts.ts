/**
 * /proc/interrupts: kernel/irq/proc.c show_interrupts() and the architecture's own rows below it. 2.6.11 prints chip
 * and flow as one word (`IO-APIC-edge`) in 14 columns, 2.6.32 in two fields, 5.10 puts the hardware's number between
 * them, and 6.18 has a space less in front of them. More than 999 interrupts widen the first column.
 */

import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines, type WithKept} from '../text.ts';

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
	/** Of architectures that print it: ARM. */
	readonly trigger?: 'Edge' | 'Level';
	/** Names of the handlers that share the line. */
	readonly actions: readonly string[];
	/** The text after the counts, of a kernel that prints these fields in a form that is not known here. */
	readonly shown?: string;
};

type InterruptSummary = {
	/** `NMI`, `LOC`, `ERR`; `I/O` on s390. */
	readonly label: string;
	/** One count a CPU; one in all for ERR and MIS; none for ARM's FIQ. */
	readonly counts: readonly number[];
	readonly description: string | null;
	/** Two spaces in front of the description instead of three, as all but x86 have, and x86 after 6.18. */
	readonly near?: true;
};

export type Interrupts = WithKept & {
	/** '2.6.11', '2.6.32', '5.10' or '6.18'. */
	readonly dialect: Dialect;
	/** Width of the first column, where it is not three: as many digits as the machine's number of interrupts has. */
	readonly digits?: number;
	/** Width of the hardware's number, where that is another one. */
	readonly hwirqDigits?: number;
	readonly cpus: readonly number[];
	readonly lines: readonly InterruptLine[];
	readonly summary: readonly InterruptSummary[];
};

const formatCounts = (counts: readonly number[]) => counts.map(count => `${String(count).padStart(10)} `).join('');

const formatCounted = ({irq, counts}: InterruptLine, digits: number): string =>
	`${String(irq).padStart(digits)}: ${formatCounts(counts)}`;

type Form = Pick<Interrupts, 'dialect' | 'digits' | 'hwirqDigits'>;

function formatLine(line: InterruptLine, {dialect, digits = 3, hwirqDigits = digits}: Form): string {
	const counted = formatCounted(line, digits);
	if (line.shown !== undefined) return counted + line.shown;
	const head = since(dialect, '6.18') ? counted.slice(0, -1) : counted;
	const actions = line.actions.length === 0 ? '' : `  ${line.actions.join(', ')}`;
	if (!since(dialect, '2.6.32')) return `${head} ${line.chip.padStart(14)}${actions}`;
	const hwirq = since(dialect, '5.10') ? ` ${String(line.hwirq ?? '').padStart(hwirqDigits)}` : '';
	const trigger = line.trigger === undefined ? '' : ` ${line.trigger.padEnd(8)}`;
	const flow = line.flow === null ? '' : `-${line.flow.padEnd(8)}`;
	return `${head} ${line.chip.padStart(8)}${hwirq}${trigger}${flow}${actions}`;
}

const isTotal = (label: string) => /^(?:ERR|MIS|Err)$/.test(label);

function formatSummary({label, counts, description, near}: InterruptSummary, digits: number): string {
	const head = `${label.padStart(digits)}: `;
	if (counts.length === 0) return `${head}${' '.repeat(13)}${description ?? ''}`;
	if (isTotal(label)) return head + String(counts[0]).padStart(10);
	const text = near ? ` ${description}` : `  ${description}`;
	return head + formatCounts(counts) + (description === null ? '' : text);
}

export function formatInterrupts(interrupts: Interrupts): string {
	const {cpus, digits = 3, lines, summary, kept} = interrupts;
	const header = ' '.repeat(digits + 8) + cpus.map(cpu => `CPU${String(cpu).padEnd(8)}`).join('');
	return joinLines(
		[header, ...lines.map(line => formatLine(line, interrupts)), ...summary.map(row => formatSummary(row, digits))],
		kept,
	);
}

/** The width that a hardware's number is filled up to, if this one is. */
const hwirqDigitsOf = (text: string): number | undefined => / ( +\d+)(?:-| )/.exec(text.trimStart())?.[1]?.length;

type Controller = Pick<InterruptLine, 'chip' | 'hwirq' | 'flow' | 'trigger' | 'actions'>;

/** What stands behind the counts of the first line tells the dialect. */
function dialectOf(text: string): Dialect {
	const number = /^ *(\S+) +\d+(?:-\S| (?:Level|Edge)(?: |$))/.exec(text);
	// A chip in eight columns, with a space in front; 6.18 has no other space there.
	if (number !== null) return text.startsWith(` ${number[1]!.padStart(8)} `) ? '5.10' : '6.18';
	// 2.6.11 right-aligns chip and flow as one word of 14; 2.6.32 right-aligns the chip and fills behind the flow.
	const chip = /^ +(\S+)(?: {2}\S.*)?$/.exec(text)?.[1];
	return chip !== undefined && text.startsWith(` ${chip.padStart(14)}`) ? '2.6.11' : '2.6.32';
}

const controllerPatterns = {
	'2.6.11': /^ *(?<chip>\S+)(?: +(?<names>.*))?$/,
	'2.6.32': /^ *(?<chip>\S+?)(?:-(?<flow>XT-PIC|[^-\s]+))?(?: +(?<names>.*))?$/,
	'5.10':
		/^ *(?<chip>\S+) +(?<hwirq>\d+)?(?: (?<trigger>Level|Edge) *(?=-| {2}|$))?(?:-(?<flow>\S+))?(?: +(?<names>.*))?$/,
};

function parseController(text: string, dialect: Dialect): Controller {
	const pattern = controllerPatterns[(dialect === '6.18' ? '5.10' : dialect) as keyof typeof controllerPatterns];
	const {chip = '', hwirq, flow, trigger, names} = pattern.exec(text)?.groups ?? {};
	return {
		chip,
		hwirq: hwirq === undefined ? null : Number(hwirq),
		flow: flow ?? null,
		...(trigger === undefined ? {} : {trigger: trigger as 'Edge' | 'Level'}),
		actions: names ? names.split(', ') : [],
	};
}

const numbers = (counts: string) => counts.split(' ').filter(Boolean).map(Number);

/** ARM's FIQ has a description alone. */
const summaryPattern = /^ *([A-Z][^\s:]*): (?:([\d ]*\d)(?:( +)(\S.*)| *)| {13}(\S.*))$/;

function summaryFrom([label, counts, gap, description, alone]: readonly string[]): InterruptSummary {
	const near = gap?.length === 2;
	return {
		label: label!,
		counts: numbers(counts!),
		description: description || alone || null,
		...(near ? {near} : {}),
	};
}

/** @throws FormatError */
export function parseInterrupts(text: string): Interrupts {
	const lines = new Lines('interrupts', text);
	const [indent, names] = lines.match(/^( +)((?:CPU\d+ *)+)$/, 'CPU0 CPU1 …');
	const digits = indent!.length - 8;
	const cpus = names!
		.split(' ')
		.filter(Boolean)
		.map(name => Number(name.slice(3)));
	const linePattern = new RegExp(`^ *(\\d+): ((?: *\\d+ ){${cpus.length}})(.*)$`);
	const found: InterruptLine[] = [];
	let dialect: Dialect | undefined;
	let hwirqDigits: number | undefined;
	for (;;) {
		const groups = lines.tryMatch(linePattern);
		if (groups === undefined) break;
		dialect ??= dialectOf(groups[2]!);
		if (since(dialect, '5.10')) hwirqDigits ??= hwirqDigitsOf(groups[2]!);
		const [irq, counts, shown] = groups as [string, string, string];
		const line = {irq: Number(irq), counts: numbers(counts), ...parseController(shown, dialect)};
		const form = {dialect, digits, ...(hwirqDigits === undefined ? {} : {hwirqDigits})};
		const isAlike = formatLine(line, form).slice(formatCounted(line, digits).length) === shown;
		found.push(isAlike ? line : {...line, shown});
	}
	const summary: InterruptSummary[] = [];
	while (!lines.done) {
		const row = lines.tryMatch(summaryPattern);
		if (row !== undefined) summary.push(summaryFrom(row));
		else if (!lines.tryKeep(/^ *[^\s:]+:(?: .*)?$/s)) lines.fail('label: counts');
	}
	return {
		dialect: dialect ?? '2.6.11',
		cpus,
		...(digits === 3 ? {} : {digits}),
		...(hwirqDigits === undefined || hwirqDigits === digits ? {} : {hwirqDigits}),
		lines: found,
		summary,
		...lines.kept,
	};
}
