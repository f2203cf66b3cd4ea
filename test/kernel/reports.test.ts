import {describe, expect, test} from 'vitest';
import {BUG, WARN} from '../../source/kernel/bug.ts';
import {preempt_disable} from '../../source/kernel/cpu.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {oops} from '../../source/kernel/mm/access.ts';
import {kmem_cache_create} from '../../source/kernel/mm/slab.ts';
import {might_sleep} from '../../source/kernel/sched.ts';
import {dump_stack} from '../../source/kernel/stacktrace.ts';
import {slabinfo} from '../../source/lab/tree/slabinfo.ts';
import {inRooms} from '../sourceFiles.ts';
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

/** What a driver is in which something is found wrong: a function that a function of the kernel calls. */
const inDriver = (k: Kernel, complain: () => void) => {
	const driver_read = () => complain();
	const vfs_read = () => driver_read();
	return lastWords(k, vfs_read).map(([, text]) => text);
};

describe('a report names the functions that had called', () => {
	const callers = [' driver_read', ' vfs_read'];

	test.each([
		['ldd3', ['Badness in driver_read at mm/x.c:7', ' dump_stack', ...callers, ' kernel_thread_helper']],
		[
			'2.6.32',
			[
				'------------[ cut here ]------------',
				'WARNING: at mm/x.c:7 driver_read',
				'Modules linked in:',
				'Pid: 1, comm: test Not tainted 2.6.32.69 #1',
				'Call Trace:',
				' warn_slowpath_common',
				' warn_slowpath_null',
				...callers,
				' kthread',
				' kernel_thread_helper',
				'---[ end trace 0000000000000000 ]---',
			],
		],
		[
			'6.1',
			[
				'------------[ cut here ]------------',
				'WARNING: CPU: 0 PID: 1 at mm/x.c:7 driver_read',
				'Modules linked in:',
				'CPU: 0 PID: 1 Comm: test Not tainted 6.1.176 #1 ',
				'EIP: driver_read',
				'Call Trace:',
				' vfs_read',
				' kthread',
				' ret_from_fork',
				'---[ end trace 0000000000000000 ]---',
			],
		],
	] as const)('a warning of %s', (era, lines) => {
		const k = bootTestKernel({era});
		expect(inDriver(k, () => WARN(k, 'mm/x.c:7 driver_read'))).toEqual(lines);
	});

	test.each([
		[
			'ldd3',
			['Modules linked in:', 'CPU:    0', 'EIP is at driver_read', 'Process test (pid: 1)', 'Call Trace:', ' vfs_read'],
		],
		[
			'3.2',
			[
				'Modules linked in:',
				'Pid: 1, comm: test Not tainted (3.2.7 #1) ',
				'EIP is at driver_read',
				'Process test (pid: 1)',
				'Call Trace:',
				' vfs_read',
			],
		],
		['5.10', ['CPU: 0 PID: 1 Comm: test Not tainted 5.10.223 #1 ', 'EIP: driver_read', 'Call Trace:', ' vfs_read']],
	] as const)('an oops of %s, and a BUG', (era, lines) => {
		for (const complain of [(k: Kernel) => oops(k, 16, true, false), (k: Kernel) => BUG(k, 'mm/x.c')]) {
			const k = bootTestKernel({era});
			const said = inDriver(k, () => complain(k));
			const from = said.indexOf(lines[0]);
			expect(said.slice(from, from + lines.length)).toEqual(lines);
			expect(said.includes('---[ end trace 0000000000000000 ]---')).toBe(era !== 'ldd3');
		}
	});

	test('what has happened before taints: nothing in 2.6.11, W and D later', () => {
		const tainted = (era: 'ldd3' | '6.1') => {
			const k = bootTestKernel({era});
			inDriver(k, () => WARN(k, 'mm/x.c'));
			inDriver(k, () => BUG(k, 'mm/x.c'));
			return inDriver(k, () => dump_stack(k))[0];
		};
		expect(tainted('ldd3')).toBe(' dump_stack');
		expect(tainted('6.1')).toBe('CPU: 0 PID: 3 Comm: test Tainted: G      D W          6.1.176 #1 ');
	});

	test.each([
		['ldd3', ['dump_stack', '__might_sleep', 'driver_read']],
		['3.2', ['__might_sleep', 'driver_read']],
		['6.1', ['dump_stack_lvl', 'dump_stack', '__might_resched', '__might_sleep', 'driver_read']],
	] as const)('under the names that %s has for them', (era, names) => {
		const k = bootTestKernel({era});
		const said = inDriver(k, () => {
			preempt_disable(k);
			might_sleep(k, 'mm/x.c:7');
			k.cpu.preempt_count = 0;
		});
		const from = said.indexOf(` ${names[0]}`);
		expect(said.slice(from, from + names.length)).toEqual(names.map(name => ` ${name}`));
	});
});

/** A bundler adds a digit to one of two functions of the same name; of other names a trace leaves digits out. */
test('no two system calls have the same name', () => {
	const names = inRooms(['kernel']).flatMap(({text}) =>
		[...text.matchAll(/^(?:export )?function\*? (sys_\w+)\(/gm)].map(([, name]) => name!),
	);
	expect(names.length).toBeGreaterThan(50);
	expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
});

test('a warning of 2.6.11 is badness in a function at a place', () => {
	const said = (where: string) => {
		const k = bootTestKernel();
		k.cpu = k.sched.cpus[0]!;
		WARN(k, where);
		const {level, text} = k.log.lines.find(line => line.text.startsWith('Badness'))!;
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
