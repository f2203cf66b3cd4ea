/** Drivers in C are loaded, used and unloaded as on the kernel that was recorded. */
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {sampleOf} from '../sample.ts';
import {normalised} from './moduleAnswers.ts';
import {levels, modules, readModules} from './modules.ts';
import type {Vector} from './topic.ts';

const folder = join(import.meta.dirname, '../../fixtures/vectors/modules');
const vectors = levels.flatMap(level => readModules(folder, [level]).vectors);
const about = (driver: string) => vectors.filter(vector => vector.driver === driver);
/** Of each driver one level, of the mistakes some: each once at least in a long run. */
const chosen: readonly Vector[] = [
	...['simple', 'pages', 'dio', 'cdad'].flatMap((driver, i) => sampleOf(about(driver), 1, i + 1)),
	...sampleOf(about('buggy'), 6),
];

const run = (wanted: readonly Vector[]) => [...modules.run({...readModules(folder, []), vectors: wanted}, {})];

test.each(chosen.map(vector => [String(vector.name), vector] as const))('%s', (_name, vector) => {
	const [result] = run([vector]);
	expect(result!.differences).toEqual([]);
	expect(result!.compared).toBeGreaterThan(4);
});

test('a changed answer is noticed', () => {
	const [vector] = about('dio') as unknown as readonly [Vector & {answers: {output: readonly string[]}}];
	const output = vector.answers.output.map(line => line.replace('xor: 6144', 'xor: 6143'));
	const [result] = run([{...vector, answers: {...vector.answers, output}}]);
	expect(result!.differences).toEqual([
		{path: 'answers.output.1', expected: '  xor: 6143, sum b84e8000', got: '  xor: 6144, sum b84e8000'},
	]);
});

describe('what is masked is a number, and never a word', () => {
	test.each([
		[
			'    60000000-60001000 r--s 000f0000 00:05 97         /dev/csimple0',
			'    60000000-60001000 r--s 000f0000 DEVICE INODE /dev/csimple',
		],
		['     10:          3          0   IO-APIC  10-fasteoi   cdad', '    IRQ: 3 IO-APIC fasteoi cdad'],
		['EIP: walk+0x6/0x30 [buggy]', 'EIP: walk [buggy]'],
		[
			'BUG: kernel NULL pointer dereference, address: 00000009',
			'BUG: kernel NULL pointer dereference, address: 00000009',
		],
		[
			'BUG: unable to handle page fault for address: f740e000',
			'BUG: unable to handle page fault for address: OF THE KERNEL',
		],
		['simple: VMA open, virt 60000000, phys f0000', 'simple: VMA open, virt 60000000, phys f0000'],
	])('%s', (line, masked) => {
		expect(normalised([line])).toEqual([masked]);
	});
});
