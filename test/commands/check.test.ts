import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, onTestFinished, test} from 'vitest';
import type {CommandContext} from '../../source/commands/context.ts';
import {openDrivenTarget, TookTooLong} from '../../source/commands/injection.ts';
import {exerciseFolder} from '../lab/exercises.ts';
import {daemon, mmtop} from './support.ts';

/** `mmtop check` and `mmtop new driver --lab`. */

const root = mkdtempSync(join(tmpdir(), 'mmtop-check-'));
afterAll(() => rmSync(root, {recursive: true}));

const headers = join(import.meta.dirname, '../../headers');
const object = (file: string) => join(exerciseFolder, 'prebuilt/ldd3', file);

describe('a driver is tried on a machine of its own', () => {
	test('one that is right holds in all, and the kernel is its own', async () => {
		const {exitCode, stdout} = await mmtop(['check', '--json', 'remap', object('remap.o')]);
		const outcome = JSON.parse(stdout);
		expect(outcome).toMatchObject({name: 'remap', status: 'done', log: []});
		expect(outcome.observations.length).toBeGreaterThan(10);
		expect(new Set(outcome.observations.map(({state}: {state: string}) => state))).toEqual(new Set(['held']));
		expect(exitCode).toBe(0);
	});

	test('one that is not fails, and a hint says what to look at', async () => {
		// The device is called as the module, and that as its file.
		const skeleton = join(root, 'areas.o');
		copyFileSync(object('areas.skeleton.o'), skeleton);
		const {exitCode, stdout} = await mmtop(['check', '--hint', 'areas', skeleton]);
		expect(stdout).toContain('✗ after mmap() it is mapped in one (0, not 1)\n');
		expect(stdout).toMatch(/\nHint: The kernel does not call open/);
		expect(exitCode).toBe(1);
	});

	test('a machine that does not fit is said', async () => {
		const {exitCode, stderr} = await mmtop(['check', '--machine', 'lab', 'stream', object('stream.o')]);
		expect(stderr).toBe('mmtop: stream cannot be checked here: it needs a machine of another kind, --machine bounce\n');
		expect(exitCode).toBe(3);
	});
});

describe('what is wrong is one sentence', () => {
	const text = join(root, 'text.o');
	writeFileSync(text, 'int x;\n');
	const foreign = join(root, 'foreign.o');
	const bytes = readFileSync(object('remap.o'));
	bytes.write('9.9.99', bytes.indexOf('2.6.11'), 'latin1');
	writeFileSync(foreign, bytes);

	test.each([
		[['check', 'remap'], 2, /check takes an exercise and an object/],
		[['check', 'remapp', text], 2, /there is no exercise "remapp", did you mean "remap"\?/],
		[['check', 'remap', join(root, 'none.o')], 3, /there is no file .*none\.o/],
		[['insmod', join(root, 'none.o')], 1, /there is no file .*none\.o/],
		[['check', 'remap', text], 3, /text\.o is not a driver: .*not an ELF object/],
		[['check', 'remap', foreign], 3, /is for no kernel that mmtop has: its version magic is "9\.9\.99/],
		[['new', 'driver', 'mine', '--lab', 'nothing'], 2, /there is no exercise "nothing"; there are remap, /],
	] as const)('%j', async (args, code, sentence) => {
		const {exitCode, stdout, stderr} = await mmtop(args, {MMTOP_HEADERS: headers});
		expect(stderr).toMatch(sentence);
		expect(stderr.trimEnd().split('\n')).toHaveLength(1);
		expect(stdout).toBe('');
		expect(exitCode).toBe(code);
	});
});

test('on a served machine, too, a driver that does not come back is not waited for for ever', async () => {
	const env = {XDG_RUNTIME_DIR: root};
	await daemon(['--name', 'lab0', '--load', 'quiet'], env);
	const context = {flags: {target: 'lab0'}, env} as unknown as CommandContext;
	const patient = await openDrivenTarget(context, {longestNs: 1e15});
	onTestFinished(() => patient.target.close());
	await patient.letTimePass();
	const bench = await openDrivenTarget(context, {longestNs: 60e6});
	onTestFinished(() => bench.target.close());
	const wait = async () => {
		for (;;) await bench.letTimePass();
	};
	await expect(wait()).rejects.toThrow(TookTooLong);
});
