/**
 * The answers of a real kernel to drivers in C, as its console has printed them: read into what the program printed and
 * what the log said, and both normalised as their README says.
 */

/** One run: a driver, a program with it, and what came of it. */
export type Answer = {
	readonly driver: string;
	readonly args: readonly string[];
	/** The machine is over: its console is the log. */
	readonly panics: boolean;
	readonly insmod: number;
	readonly output: readonly string[];
	readonly log: readonly string[];
	/** undefined where the module stayed. */
	readonly rmmod: number | undefined;
	/** What rmmod left in the log. */
	readonly farewell: readonly string[];
};

const consoleTime = /^\[ *\d+\.\d+\] ?/;

/** Lines behind one, up to another. */
function between(lines: readonly string[], from: RegExp, to: RegExp): readonly string[] {
	const start = lines.findIndex(line => from.test(line));
	if (start < 0) return [];
	const rest = lines.slice(start + 1);
	const end = rest.findIndex(line => to.test(line));
	return end < 0 ? rest : rest.slice(0, end);
}

/** The parts of good.txt that are about one driver. */
export function goodAnswer(text: string, driver: string, args: readonly string[]): Answer {
	const all = text.split('\n');
	const lines = between(all, new RegExp(`^insmod ${driver}: 0$`), /^insmod|^DONE/);
	const output = between(lines, /^== /, /^-- dmesg$/);
	return {
		driver,
		args,
		panics: false,
		insmod: 0,
		output,
		log: between(lines, /^-- dmesg$/, /^rmmod: /),
		rmmod: Number(lines.find(line => line.startsWith('rmmod: '))!.slice(7)),
		farewell: between(lines, /^rmmod: /, /^insmod/),
	};
}

/** bugN.txt, or bugN,ARG.txt. */
export function bugAnswer(text: string, name: string): Answer {
	// Without a word, the argument was the number of the command itself.
	const [command = '', argument = command] = name.replace(/^bug|\.txt$/g, '').split(',');
	const lines = text.split('\n');
	const panics = !lines.includes('-- dmesg');
	const said = between(lines, /^== /, /^-- dmesg$/);
	const console = lines.filter(line => consoleTime.test(line)).map(line => line.replace(consoleTime, ''));
	return {
		driver: 'buggy',
		args: ['buggy', command, argument],
		panics,
		insmod: 0,
		output: said.filter(line => !consoleTime.test(line)),
		log: panics ? console : between(lines, /^-- dmesg$/, /^Module {2}/),
		rmmod: undefined,
		farewell: [],
	};
}

// ── normalising ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Lines that belong to the recorded board and build, or that are ours. */
export const dropped: readonly (readonly [line: RegExp, reason: string])[] = [
	[/^ACPI: /, 'the board has no ACPI'],
	[/^Hardware name: /, 'the board has no name'],
	[
		/: module verification failed: signature and\/or required key missing - tainting kernel$/,
		'modules are not signed here',
	],
	[/^Kernel Offset: /, 'where the kernel was put'],
	[/^---\[ end Kernel panic/, 'the recorded console was cut off before it'],
	[/^mmtop: |^C: /, 'ours: what a driver stores to, and lines of C'],
];

const registerLine =
	/^(?:(?:EAX|ESI): [0-9a-f]{8}(?: E\w\w: [0-9a-f]{8}){3}|DS: [0-9a-f]{4}(?: \w\w: [0-9a-f]{4}){3,4} EFLAGS: [0-9a-f]{8}|CR0: [0-9a-f]{8}(?: CR\d: [0-9a-f]{8}){3})$/;
const codeLine = /^Code:(?:(?: <?[0-9a-f]{2}>?)+| Unable to access opcode bytes at 0x[0-9a-f]+\.)$/;
/** A function of a trace, or what stands below it of the program. */
const traceLine = /^ (?:\? )?[\w.]+(?:\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[\w+\])?)?$|^ <\/?[A-Z]+>$|^EIP: 0x[0-9a-f]+$/;
const isOfTrace = (line: string) => traceLine.test(line) || registerLine.test(line) || codeLine.test(line);

const masks: readonly (readonly [RegExp, string])[] = [
	[/ \d\d:\d\d \d+ +(\/dev\/[a-z]+)0?/, ' DEVICE INODE $1'],
	[/(\/dev\/csimple)(\d?) .*$/, '$1$2'],
	[/major \d+/, 'major N'],
	[/\bt\[\d+\]/, 't[PID]'],
	[/CPU: \d+ PID: \d+/, 'CPU: N PID: N'],
	[/ip [0-9a-f]+ sp [0-9a-f]+/, 'ip ADDRESS sp ADDRESS'],
	[/in t\[[0-9a-f]+\+[0-9a-f]+\] likely on CPU \d+ \(core \d+, socket \d+\)/, 'in t[AREA] likely on CPU N'],
	[/segfault at [0-9a-f]{7}\b/, 'segfault at DATA'],
	[/atomic: t\/\d+\//, 'atomic: t/PID/'],
	[/registers at [0-9a-f]+, irq \d+/, 'registers at ADDRESS, irq N'],
	[/^cdad 0000:\S+:/, 'cdad DEVICE:'],
	[/\/build\//, ''],
	[/\+0x[0-9a-f]+\/0x[0-9a-f]+/, ''],
	[/Tainted: ([A-Z ]+?) +(?:\d\S* #1.*)$/, 'Tainted: $1 RELEASE'],
	[/(Tainted: .*)OE/, '$1O'],
	[/\(OE\)/, '(O)'],
	[codeLine, 'Code: BYTES'],
	[/\*(pd|pt)e = [0-9a-f]+/g, '*$1e = ENTRY'],
	[registerLine, 'REGISTERS'],
	[/address: [c-f][0-9a-f]{7}\b/, 'address: OF THE KERNEL'],
	[/^CR2: 0{8}[c-f][0-9a-f]{7}$/, 'CR2: OF THE KERNEL'],
];

/** Interrupts of a line on all CPUs together: which line, and which CPU took them, is the board's. */
function interrupts(line: string): string {
	const found = /^ +\d+: +(\d+) +(\d+) +IO-APIC +\d+-(\w+) +(\w+)$/.exec(line);
	return found ? `    IRQ: ${Number(found[1]) + Number(found[2])} IO-APIC ${found[3]} ${found[4]}` : line;
}

/** A call trace, and what stands below it of the program: functions of the kernel are ours by other names. */
function withoutTraces(lines: readonly string[]): readonly string[] {
	const kept: string[] = [];
	let inTrace = false;
	for (const line of lines) {
		if (line === 'Call Trace:') inTrace = true;
		else if (inTrace && /^(?:Modules linked|---\[ end trace|BUG|t\[|Kernel panic|note:|\w+: loading)/.test(line))
			inTrace = false;
		if (!inTrace || !(line === 'Call Trace:' || isOfTrace(line))) kept.push(line);
	}
	return kept;
}

/** A report of ours comes with the place. */
const withoutReports = (lines: readonly string[]): readonly string[] =>
	lines.filter((line, i) => !(line.startsWith('EIP: ') && lines[i - 1]?.startsWith('mmtop: ')));

/** Functions of the kernel have no code here, and so no registers. */
function withoutKernelRegisters(lines: readonly string[]): readonly string[] {
	let isKernels = false;
	return lines.filter(line => {
		if (line.startsWith('EIP: ')) isKernels = !/\[\w+\]$|^EIP: 0x/.test(line);
		return !(isKernels && (registerLine.test(line) || codeLine.test(line)));
	});
}

function mask(line: string): string {
	return masks.reduce((text, [from, to]) => text.replace(from, to), interrupts(line)).trimEnd();
}

/** A tick that finds a program in user mode while its CPU may not be taken away: whether one came is chance. */
const withoutTick = (lines: readonly string[]): readonly string[] =>
	lines.filter(
		(_, i) => ![0, 1, 2].some(back => /^BUG: scheduling while atomic: .*0x00000002$/.test(lines[i - back] ?? '')),
	);

/**
 * What a machine says that panics: its console prints nothing else, and another CPU may print while it does.
 */
export const ofPanic = (lines: readonly string[]): readonly string[] =>
	lines.slice(
		Math.max(
			0,
			lines.findIndex(line => line.startsWith('Kernel panic')),
		),
	);

export const withoutChance = (driverArgs: readonly string[], lines: readonly string[]): readonly string[] =>
	driverArgs[1] === '7' ? withoutTick(lines) : lines;

export function normalised(lines: readonly string[]): readonly string[] {
	const told = withoutKernelRegisters(withoutTraces(withoutReports(lines)));
	const kept = told.filter(line => !dropped.some(([from]) => from.test(line)));
	const masked = kept.map(mask);
	// The order of two events that are ready at once is chance.
	const events = masked.filter(line => /^ {4}data \d+ res/.test(line)).sort();
	return masked.map(line => (/^ {4}data \d+ res/.test(line) ? events.shift()! : line));
}
