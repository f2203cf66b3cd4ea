import {dropped} from './moduleAnswers.ts';
import type {Topic} from './topic.ts';

const head = `# Conformance

\`npm run conformance -- FILE…\` runs vectors of real kernels against the simulator: each on a machine like the one that it was
recorded on, in the era of its kernel. A vector passes when every leaf of its answer equals ours, except those below. Frame
numbers, inode numbers and the like are compared by relation: the same frame as before, the same file as another line.
\`--emit OUT\` writes the vectors again with the simulator's answers, and needs none in its input.

This page is printed by \`npm run conformance -- --exceptions\`; a test keeps it in step with the code.
`;

/** What test/kernel/mm/zones.test.ts and layout.test.ts and the vectors of `addresses` compare. */
const machines: readonly (readonly string[])[] = [
	['zone spans', 'A, B, C, G', 'start_pfn, spanned, present and managed of every zone in zoneinfo'],
	['watermarks', 'A, B, C, G', 'min, low, high of every zone; min_free_kbytes'],
	['protection', 'A, B, C, G', 'the four numbers of lowmem_reserve of every zone'],
	['per-CPU lists', 'A, B, C, G', 'high and batch'],
	['meminfo', 'A, C, G', 'HighTotal, LowTotal, VmallocTotal, DirectMap4k'],
	[
		'layout constants',
		'A, C, D, E, F, G (topic const of addresses)',
		'high_memory, VMALLOC_START and _END, PKMAP_BASE, LAST_PKMAP, FIXADDR_TOP and _START, FIX_KMAP_BEGIN ' +
			'and _END, KM_MAX_IDX and others',
	],
	['kmap addresses', 'A, C, D, E, F, G (kmap)', 'pkmap slots and kmap_atomic addresses by CPU and depth'],
];

/** What test/conformance/moduleAnswers.ts leaves out, or masks. */
const moduleLines: readonly (readonly string[])[] = [
	...dropped.map(([line, reason]) => [`\`${line.source}\``, reason]),
	[
		'call traces, and the registers of the program below them',
		'functions of the kernel have other names and no offsets here',
	],
	['registers where the kernel itself warns', 'its functions have no machine code here'],
	[
		'masked: inodes, majors, pids, CPUs, lines of interrupts, addresses, offsets, bytes of code',
		'fixtures/vectors/modules/README.md',
	],
	['bug7: a tick that comes before the program goes on', 'whether one comes is chance'],
	['bug8,60: what the other CPU prints while the machine panics', 'which of them is faster is chance'],
];

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
	return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}

/** docs/conformance.md: which vectors are skipped and which leaves are not compared, and why. */
export function exceptionsPage(topics: readonly Topic[]): string {
	const skipped = topics.flatMap(topic => topic.classes.map(each => [topic.name, each.name, each.reason]));
	const leaves = topics.flatMap(topic =>
		topic.leftOut.map(each => [
			topic.name,
			`\`${each.path.source}\`${each.when ? ' (some vectors)' : ''}`,
			each.reason,
		]),
	);
	return [
		head,
		'## Classes of vectors that are skipped\n',
		`${table(['topic', 'class', 'reason'], skipped)}\n`,
		'## Leaves that are not compared\n',
		`${table(['topic', 'path', 'reason'], leaves)}\n`,
		'## What is taken from a recording as part of its question\n',
		'- kmap: which kmap slots were in use before the recording began, as far as its own answers show it, ' +
			'and which slot the recording',
		'  program let go of when the table was full. Both are what that program and that boot did, not what ' +
			'the kernel answered.\n',
		'## Lines of drivers in C that are not compared\n',
		`${table(['lines', 'reason'], moduleLines)}\n`,
		'## Machines against captures\n',
		'Machines configured like the recorded ones (RAM, PAE, build) are booted and compared with what their ' +
			'kernels printed. Everything is computed from',
		'the configuration; one number a build, the frames that boot keeps beside the image and mem_map, was ' +
			'fitted to the managed pages.\n',
		`${table(['what', 'runs of fixtures/vectors/i386', 'compared fields'], machines)}\n`,
	].join('\n');
}
