import {describe, expect, test} from 'vitest';
import {BUG, WARN} from '../../source/kernel/bug.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {oops} from '../../source/kernel/mm/access.ts';
import {kmem_cache_create} from '../../source/kernel/mm/slab.ts';
import {slabinfo} from '../../source/lab/tree/slabinfo.ts';
import {bootTestKernel, spawn, stepUntil} from './support.ts';

/** What a task leaves in the log that dies of something. */
function lastWords(k: Kernel, die: () => void): [number, string][] {
	const before = k.log.lines.length;
	const task = spawn(k, function* () {
		die();
	});
	stepUntil(k, () => !k.sched.tasks.has(task.pid));
	return k.log.lines.slice(before).map(({level, text}) => [level, text]);
}

describe('a BUG', () => {
	test.each([
		[
			'ldd3',
			[
				[4, '------------[ cut here ]------------'],
				[1, 'kernel BUG at mm/x.c:7!'],
				[1, 'invalid operand: 0000 [#1]'],
				[4, 'SMP '],
			],
		],
		[
			'2.6.32',
			[
				[0, '------------[ cut here ]------------'],
				[2, 'kernel BUG at mm/x.c:7!'],
				[0, 'invalid opcode: 0000 [#1] SMP '],
			],
		],
		[
			'5.10',
			[
				[4, '------------[ cut here ]------------'],
				[2, 'kernel BUG at mm/x.c:7!'],
				[4, 'invalid opcode: 0000 [#1] SMP'],
			],
		],
	] as const)('%s says it at these levels', (era, lines) => {
		const k = bootTestKernel({era});
		expect(lastWords(k, () => BUG(k, 'mm/x.c:7')).slice(0, lines.length)).toEqual(lines);
	});

	test('and an oops are counted together', () => {
		const k = bootTestKernel();
		const counts = [() => BUG(k, 'mm/x.c'), () => oops(k, 16, true, false), () => BUG(k, 'mm/x.c')].map(die =>
			lastWords(k, die)
				.map(([, text]) => /\[#(\d+)\]/.exec(text)?.[1])
				.find(Boolean),
		);
		expect(counts).toEqual(['1', '2', '3']);
	});

	test('of a kernel for one CPU does not say SMP', () => {
		const {build} = bootTestKernel().layout;
		const k = bootTestKernel({cpus: 1, build: {...build, NR_CPUS: 1}});
		expect(lastWords(k, () => BUG(k, 'mm/x.c')).map(([, text]) => text)).not.toContain('SMP ');
	});
});

test('a warning of 2.6.11 is badness in a function at a place', () => {
	const said = (where: string) => {
		const k = bootTestKernel();
		k.cpu = k.sched.cpus[0]!;
		WARN(k, where);
		const {level, text} = k.log.lines.at(-1)!;
		return [level, text];
	};
	expect(said('mm/x.c:7 do_it')).toEqual([4, 'Badness in do_it at mm/x.c:7']);
	expect(said('mm/x.c do_it')).toEqual([4, 'Badness in do_it at mm/x.c']);
});

describe('slabinfo of SLAB', () => {
	const rowOf = (k: Kernel, name: string) =>
		slabinfo(k)
			.split('\n')
			.find(line => line.startsWith(`${name} `))!;

	test.each([
		['size-128', '120   60    8'],
		['size-256', '120   60    8'],
		['size-512', ' 54   27    8'],
		['size-1024', ' 54   27    8'],
		['size-2048', ' 24   12    8'],
		['size-4096', ' 24   12    8'],
		['size-8192', '  8    4    0'],
		['size-131072', '  8    4    0'],
	])('%s: tunables %s', (name, tunables) => {
		expect(rowOf(bootTestKernel(), name)).toContain(`: tunables  ${tunables} :`);
	});

	test('the newest cache comes first; SLUB has no tunables', () => {
		const k = bootTestKernel();
		kmem_cache_create(k, 'newest', 40, 0);
		expect(slabinfo(k).split('\n')[2]).toMatch(/^newest /);
		expect(rowOf(bootTestKernel({era: '3.2'}), 'kmalloc-64')).toContain(': tunables    0    0    0 :');
	});
});
