/**
 * Exercises: the skeleton of each is its solution without the answer; the solution passes its check, the skeleton fails
 * with a hint, and so does a solution with a mistake, where there is a compiler.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {writeItDocument} from '../../source/lab/exercisePages.ts';
import {exercises} from '../../source/lab/exercises/list.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {compile, compilers} from '../headers/compiler.ts';
import {sampleOf} from '../sample.ts';
import {checkOn, exerciseFolder, failureOf, skeletonOf, solutionNames, sourceOf} from './exercises.ts';
import {quietLab} from './support.ts';

const skeletons = '../../headers/new/exercise/skeletons';

test('each exercise has a solution, and a name that no experiment has', () => {
	const names = exercises.map(({name}) => name);
	expect([...names].sort()).toEqual(solutionNames);
	expect(experiments.filter(({name}) => names.includes(name))).toEqual([]);
	expect(readdirSync(join(import.meta.dirname, skeletons)).sort()).toEqual(solutionNames.map(name => `${name}.c`));
});

test.each(solutionNames)('the skeleton of %s is its solution without the answer', async name => {
	const skeleton = skeletonOf(name);
	expect(skeleton).not.toContain('SOLUTION');
	expect(skeleton).toMatch(name === 'leak' ? /find what, and mend it/ : /Your part/);
	await expect(skeleton).toMatchFileSnapshot(`${skeletons}/${name}.c`);
});

/** One machine of each kind for all checks of a kernel: a driver leaves it as it was. */
function machines(era: LabOptions['era']): (preset: string | undefined) => Lab {
	const made = new Map<string, Lab>();
	return (preset = 'lab') => {
		const lab = made.get(preset) ?? quietLab({...(era && {era}), preset});
		made.set(preset, lab);
		return lab;
	};
}

const [era] = sampleOf(['ldd3', '6.18'] as const, 1, 3);

describe(`in ${era}`, () => {
	const machineOf = machines(era);
	const observed = new Map<string, readonly string[]>();
	const object = (file: string) => readFileSync(join(exerciseFolder, 'prebuilt', era!, file));

	test.each(exercises)('the solution of $name passes its check, and its skeleton fails with a hint', exercise => {
		const {name, preset} = exercise;
		const lab = machineOf(preset);
		const failed = checkOn(lab, name, object(`${name}.skeleton.o`));
		expect(failed.status).toBe('failed');
		const {sentence, hint} = failureOf(lab, failed);
		expect(Object.values(exercise.hints), sentence).toContain(hint);
		const passed = checkOn(lab, name, object(`${name}.o`));
		expect(failureOf(lab, passed).sentence).toBeUndefined();
		expect(passed.status, passed.result ?? '').toBe('done');
		expect(passed.states.map(({state}) => state)).toEqual(exercise.declares);
		expect(lab.read('/proc/modules')).toBe('');
		const {observations} = passed;
		observed.set(
			name,
			observations.map(each => each.sentence),
		);
		expect(observations.every(({expected, seen}) => expected !== null && seen !== null)).toBe(true);
		const begins = (at: string) => observations.some(({sentence: text}) => text.startsWith(at));
		expect(
			Object.keys(exercise.hints).filter(at => !begins(at)),
			'hints for what is not observed',
		).toEqual([]);
	});

	test('docs/write-it.md is what the exercises and their checks say', async () => {
		const page = writeItDocument(exercises, ({name, preset}) => {
			const again = () => checkOn(machineOf(preset), name, object(`${name}.o`)).observations;
			return observed.get(name) ?? again().map(({sentence}) => sentence);
		});
		await expect(page).toMatchFileSnapshot('../../docs/write-it.md');
	});

	test('what is wrong with a request is said, and nothing is loaded', () => {
		const lab = machineOf('lab');
		const write = (text: string) => () => lab.write('/sys/kernel/debug/lab/check', text, 'test');
		expect(write('remapp 1')).toThrow(/EINVAL: no exercise "remapp", did you mean "remap"\?/);
		expect(write('remap')).toThrow(/EINVAL: check takes EXERCISE NUMBER, got "remap"/);
		expect(write('remap 1 2')).toThrow(/EINVAL: check takes EXERCISE NUMBER/);
		expect(write('remap 9999')).toThrow(/ENOENT: nothing is being loaded under the number "9999"/);
		expect(write('stream 9999')).toThrow(/EPERM: .*--machine bounce/);
	});

	test('a file that is not a driver fails at insmod, with a hint', () => {
		const lab = machineOf('lab');
		const failed = checkOn(lab, 'remap', Buffer.from('not a module'));
		expect(failureOf(lab, failed)).toEqual({
			sentence: 'insmod loads it',
			hint: expect.stringMatching(/^The log says why/),
		});
	});
});

/** A slip in a solution, and how the sentence begins that finds it. */
const mistakes: readonly (readonly [name: string, right: string, wrong: string, finds: string])[] = [
	['remap', '__pa(page) >> PAGE_SHIFT', '__pa(page)', 'the program reads'],
	['remap', ' || size > PAGE_SIZE', '', 'two pages'],
	['remap', 'vma->vm_pgoff != 0 || ', '', 'an offset'],
	['fault', 'get_page(vmf->page);', '', 'a page that left'],
	['fault', 'pages[vmf->pgoff]', 'pages[0]', 'a child that reads page 1'],
	['vmalloc', 'vmalloc_to_page(memory + offset)', 'vmalloc_to_page(memory)', 'a child that reads page 1'],
	['areas', '.open = NAME_vma_open, ', '', 'a hole in it'],
	['areas', '\tNAME_vma_open(vma);\n', '', 'after mmap()'],
	['areas', ', .close = NAME_vma_close', '', 'a hole in it'],
	['registers', '\tiounmap(registers);\n', '', 'when the driver is gone, nothing maps it'],
	[
		'registers',
		'registers = NULL;\n\tpci_release_regions(pdev);\n',
		'registers = NULL;\n',
		'when the driver is gone, the region',
	],
	['pin', '\t\tset_page_dirty_lock(page);\n', '', 'the page is dirty'],
	['pin', '\t\tput_page(page);\n', '', 'no pin'],
	['pin', 'memset(at + offset', 'memset(at', 'the program finds'],
	['later', 'HZ / 50);\n\treturn', '0);\n\treturn', 'its end came'],
	['coherent', '\tdma_pool_free(pool, block, block_bus);\n', '', 'when the driver is gone'],
	[
		'stream',
		'bus = dma_map_single(&the->dev, buffer, count, DMA_TO_DEVICE)',
		'bus = dma_map_single(&the->dev, buffer, count, DMA_FROM_DEVICE)',
		'the buffer was',
	],
	['stream', '\t\tdma_sync_single_for_cpu(&the->dev, bus, count, DMA_FROM_DEVICE);\n', '', 'the first byte'],
	['scatter', 'sg_dma_address(sg)', 'page_to_phys(sg_page(sg))', 'read() of three pages'],
	['scatter', '\tdma_unmap_sg(&the->dev, list, PIECES, DMA_FROM_DEVICE);\n', '', 'no list'],
	['interrupt', '\twait_event(queue, done);\n', '', 'the program has'],
	['interrupt', '\tif (!(status & LAB_DONE))\n\t\treturn IRQ_NONE;\n', '', 'an interrupt of another'],
	['interrupt', '\tfree_irq(pdev->irq, pdev);\n', '', 'when the driver is gone'],
	['leak', 'free:\n\tkfree(buffer);\n', 'free:\n', 'no buffer'],
];

const without = compilers.length === 0 ? ' (skipped: neither gcc nor clang makes i386 objects here)' : '';

describe.skipIf(without !== '')(`with a compiler${without}`, () => {
	const [compiler = 'gcc'] = compilers;
	const module = (name: string) => [`-DKBUILD_MODNAME="${name}"`, '-DMODULE', '-O2'];
	const [other] = sampleOf(ERA_NAMES, 1, 8);

	test.each(sampleOf(solutionNames, 3, 2))(`%s compiles for ${other} without a warning, solved or not`, name => {
		const source = sourceOf(name).replaceAll('NAME', name);
		for (const more of [[], ['-DSOLUTION']]) {
			const {status, messages} = compile(compiler, other!, source, [...module(name), ...more]);
			expect({status, messages}).toEqual({status: 0, messages: ''});
		}
	});

	test.each(sampleOf(mistakes, 5, 1))('%s with a mistake (%j → %j) is found: “%s …”', (name, right, wrong, finds) => {
		const source = sourceOf(name);
		expect(source.split(right), 'it is there once').toHaveLength(2);
		const {object, messages} = compile(compiler, '6.1', source.replace(right, () => wrong).replaceAll('NAME', name), [
			...module(name),
			'-DSOLUTION',
			'-Wno-unused',
		]);
		expect(messages).toBe('');
		const {preset} = exercises.find(each => each.name === name)!;
		// Each on a machine of its own: what they do goes beyond what a check looks at.
		const lab = machines('6.1')(preset);
		const failure = failureOf(lab, checkOn(lab, name, object));
		expect(failure.sentence?.slice(0, finds.length)).toBe(finds);
		expect(failure.hint).toBeDefined();
	});

	test('a method that faults while the address space is locked oopses, and does not wait for itself', () => {
		const right = '\tunsigned long size = vma->vm_end';
		const wrong = `\t*(volatile int *)(vma->vm_pgoff << 12) = 1;\n${right}`;
		const source = sourceOf('remap').replace(right, wrong).replaceAll('NAME', 'remap');
		const more = [...module('remap'), '-DSOLUTION', '-Wno-declaration-after-statement'];
		const {object, messages} = compile(compiler, '6.1', source, more);
		expect(messages).toBe('');
		const lab = machines('6.1')('lab');
		expect(checkOn(lab, 'remap', object)).toMatchObject({
			status: 'failed',
			result: 'its process was killed by signal 9',
		});
		expect(String(lab.read('/proc/kmsg'))).toMatch(/BUG: kernel NULL pointer dereference[\s\S]*EIP: remap_mmap\+/);
	});
});
