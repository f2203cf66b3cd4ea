/**
 * /proc/<pid>/status: fs/proc/array.c proc_pid_status() and task_mmu.c task_mem(). Which rows there are depends on the
 * kernel; a kernel thread lacks those of memory (Vm…, Rss…).
 *
 * Not modelled: rows of kernels newer than 6.18 or of other architectures; a record keeps their lines.
 */

import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines, type WithKept} from '../text.ts';

/** Every row in the order of 6.1; 2.6.11 prints a subset in the same order. The kind says how the value is written. */
const rows = {
	Name: 'name',
	Umask: 'text',
	State: 'text',
	SleepAVG: 'percent',
	Tgid: 'number',
	Ngid: 'number',
	Pid: 'number',
	PPid: 'number',
	TracerPid: 'number',
	Uid: 'numbers',
	Gid: 'numbers',
	FDSize: 'number',
	Groups: 'groups',
	NStgid: 'numbers',
	NSpid: 'numbers',
	NSpgid: 'numbers',
	NSsid: 'numbers',
	Kthread: 'number',
	VmPeak: 'kB',
	VmSize: 'kB',
	VmLck: 'kB',
	VmPin: 'kB',
	VmHWM: 'kB',
	VmRSS: 'kB',
	RssAnon: 'kB',
	RssFile: 'kB',
	RssShmem: 'kB',
	VmData: 'kB',
	VmStk: 'kB',
	VmExe: 'kB',
	VmLib: 'kB',
	VmPTE: 'kB',
	VmPMD: 'kB',
	VmSwap: 'kB',
	HugetlbPages: 'kB',
	CoreDumping: 'number',
	THP_enabled: 'number',
	untag_mask: 'text',
	Threads: 'number',
	SigQ: 'text',
	SigPnd: 'text',
	ShdPnd: 'text',
	SigBlk: 'text',
	SigIgn: 'text',
	SigCgt: 'text',
	CapInh: 'text',
	CapPrm: 'text',
	CapEff: 'text',
	CapBnd: 'text',
	CapAmb: 'text',
	NoNewPrivs: 'number',
	Seccomp: 'number',
	Seccomp_filters: 'number',
	Speculation_Store_Bypass: 'text',
	SpeculationIndirectBranch: 'text',
	Cpus_allowed: 'text',
	Cpus_allowed_list: 'text',
	Mems_allowed: 'text',
	Mems_allowed_list: 'text',
	voluntary_ctxt_switches: 'number',
	nonvoluntary_ctxt_switches: 'number',
	x86_Thread_features: 'text',
	x86_Thread_features_locked: 'text',
} as const;

type Rows = typeof rows;
type Value = {
	readonly name: string;
	/** As Linux writes it: a state `S (sleeping)`, a mask in hexadecimal, a list `0-1`. */
	readonly text: string;
	readonly percent: number;
	readonly number: number;
	readonly numbers: readonly number[];
	readonly groups: readonly number[];
	readonly kB: number;
};

/** Linux's own names. `dialect` is '2.6.11', or '5.10' for the kernels that print a blank where there are no groups. */
export type Status = {readonly dialect: Dialect} & {readonly [Label in keyof Rows]?: Value[Rows[Label]]} & WithKept;

type Kind = keyof Value;

/** proc_task_name() escapes a backslash and a newline in C's way. */
const escapeName = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const unescapeName = (text: string) =>
	text.replace(/\\(.)/gs, (_, character) => (character === 'n' ? '\n' : character));

function formatValue(kind: Kind, value: string | number | readonly number[], dialect: Dialect): string {
	switch (kind) {
		case 'name':
			return escapeName(String(value));
		case 'kB':
			return `${String(value).padStart(8)} kB`;
		case 'percent':
			return `${value}%`;
		case 'numbers':
			return (value as readonly number[]).join('\t');
		case 'groups': {
			const groups = value as readonly number[];
			return groups.length === 0 && since(dialect, '5.10') ? ' ' : groups.map(group => `${group} `).join('');
		}
		default:
			return String(value);
	}
}

function parseValue(kind: Kind, text: string): string | number | readonly number[] {
	switch (kind) {
		case 'name':
			return unescapeName(text);
		case 'text':
			return text;
		case 'numbers':
			return text.split('\t').map(Number);
		case 'groups':
			return text.split(' ').filter(Boolean).map(Number);
		default:
			return Number.parseInt(text, 10);
	}
}

export function formatStatus(record: Status): string {
	const values = record as unknown as Readonly<Record<string, string | number | readonly number[] | undefined>>;
	return joinLines(
		Object.entries(rows).flatMap(([label, kind]) => {
			const value = values[label];
			return value === undefined ? [] : [`${label}:\t${formatValue(kind, value, record.dialect)}`];
		}),
		record.kept,
	);
}

/** The form of a value; a name and a text have any. */
const valuePatterns: Readonly<Partial<Record<Kind, RegExp>>> = {
	kB: /^ *\d+ kB$/,
	percent: /^\d+%$/,
	number: /^-?\d+$/,
	numbers: /^-?\d+(?:\t-?\d+)*$/,
	groups: /^(?: ?|(?:\d+ )+)$/,
};

const isOfKind = (kind: Kind, value: string): boolean =>
	valuePatterns[kind] === undefined ||
	(valuePatterns[kind].test(value) &&
		(value.match(/\d+/g) ?? []).every(digits => Number.isSafeInteger(Number(digits))));

const rowPattern = /^(\w+):\t(.*)$/s;

/** @throws FormatError */
export function parseStatus(text: string): Status {
	const lines = new Lines('status', text);
	const dialect: Dialect = /^(?:Umask:|Groups:\t $)/m.test(text) ? '5.10' : '2.6.11';
	const record: Record<string, unknown> = {dialect};
	while (!lines.done) {
		const [label = '', value = ''] = rowPattern.exec(lines.peek() ?? '')?.slice(1) ?? [];
		const kind = Object.hasOwn(rows, label) ? rows[label as keyof Rows] : undefined;
		const isKnown = kind !== undefined && !Object.hasOwn(record, label) && isOfKind(kind, value);
		if (!isKnown && lines.tryKeep(rowPattern)) continue;
		lines.match(rowPattern, 'label, a tab and a value', true);
		if (isKnown) record[label] = parseValue(kind, value);
	}
	return {...record, ...lines.kept} as Status;
}
