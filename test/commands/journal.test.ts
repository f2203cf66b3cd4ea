/** The journal of a session: what was acknowledged is there again, wherever the file was cut off. */
import {mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {Journal, journalPath, readJournal} from '../../source/commands/journal.ts';
import type {SessionWrite} from '../../source/lab/session.ts';
import {runs} from '../sample.ts';

const root = mkdtempSync(join(tmpdir(), 'mmtop-journal-'));
afterAll(() => rmSync(root, {recursive: true}));

const header = {id: 'one', program: 'this', options: {preset: 'lab', seed: 7}};
let files = 0;
function newPath(): string {
	files++;
	return join(root, String(files), 'a.session');
}

const write = (n: number, text = 'pause'): SessionWrite => ({
	timeNs: n * 1000,
	seq: n * 3,
	path: '/sys/kernel/debug/lab/clock',
	text,
	by: 'somebody',
});

test('a session is read as it was written, with the time that it came to', async () => {
	const path = newPath();
	const journal = await Journal.open(path, header);
	const session = [write(1), write(2, 'línea\n"quoted"')];
	journal.follow(session.slice(0, 1), 1500);
	journal.follow(session, 2000);
	journal.follow(session, 9000);
	journal.close(false);
	const size = statSync(path).size;
	expect(readJournal(path)).toEqual({...header, writes: session, timeNs: 9000, bytes: size, isTorn: false});
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('it goes on where it was, and nothing is written where nothing happened', async () => {
	const path = newPath();
	const first = await Journal.open(path, header);
	first.follow([write(1)], 5000);
	first.close(false);
	const kept = readJournal(path)!;
	const second = await Journal.open(path, header, kept);
	const {size} = statSync(path);
	// As a restored machine has it: the same writes in objects of its own.
	const session = [write(1)];
	second.follow(session, kept.timeNs);
	expect(statSync(path).size).toBe(size);
	second.follow([...session, write(9)], 9000);
	second.close(false);
	expect(readJournal(path)).toMatchObject({writes: [write(1), write(9)], timeNs: 9000});
});

test('a machine that went back has only what it was left with', async () => {
	const path = newPath();
	const journal = await Journal.open(path, header);
	journal.follow([write(1), write(2), write(3)], 9000);
	journal.follow([write(1), write(2, 'run')], 2000);
	journal.close(false);
	expect(readJournal(path)).toMatchObject({writes: [write(1), write(2, 'run')], timeNs: 2000});
});

test('a write costs less than 200 bytes', async () => {
	const path = newPath();
	const journal = await Journal.open(path, header);
	const before = statSync(path).size;
	const injection = {...write(1e9), path: '/sys/kernel/debug/lab/inject', text: 'direct-read pages=64 offset=128'};
	journal.follow(
		Array.from({length: 1000}, () => injection),
		0,
	);
	journal.close(false);
	expect((statSync(path).size - before) / 1000).toBeLessThan(200);
});

test('the end of a machine is the end of its file', async () => {
	const path = newPath();
	(await Journal.open(path, header)).close(true);
	expect(readJournal(path)).toBeUndefined();
});

describe('whatever is done, and wherever the file ends', () => {
	const step = fc.oneof(
		{weight: 4, arbitrary: fc.string({maxLength: 20, unit: 'grapheme'}).map(text => ({kind: 'write' as const, text}))},
		{weight: 2, arbitrary: fc.integer({min: 1, max: 5000}).map(ns => ({kind: 'time' as const, ns}))},
		{weight: 1, arbitrary: fc.nat(6).map(left => ({kind: 'back' as const, left}))},
	);

	test('the last state whose line is whole is there again, and what follows is put behind it', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, {maxLength: 12}),
				fc.double({min: 0, max: 1, noNaN: true}),
				async (steps, cut) => {
					const path = newPath();
					const journal = await Journal.open(path, header);
					const states = [{bytes: statSync(path).size, writes: [] as readonly SessionWrite[], timeNs: 0}];
					let [session, timeNs]: [readonly SessionWrite[], number] = [[], 0];
					for (const each of steps) {
						if (each.kind === 'write') session = [...session, {...write(1, each.text), timeNs}];
						if (each.kind === 'time') timeNs += each.ns;
						if (each.kind === 'back' && each.left < session.length) {
							session = session.slice(0, each.left);
							timeNs = session.at(-1)?.timeNs ?? 0;
						}
						journal.follow(session, timeNs);
						states.push({bytes: statSync(path).size, writes: session, timeNs});
					}
					journal.close(false);
					const first = states[0]!.bytes;
					const length = first + Math.floor(cut * (statSync(path).size - first));
					truncateSync(path, length);
					const kept = readJournal(path)!;
					const {bytes, ...last} = states.findLast(state => state.bytes <= length)!;
					expect(kept).toMatchObject(last);
					expect(kept.isTorn).toBe(bytes < length);
					const after = await Journal.open(path, header, kept);
					after.follow([...kept.writes, write(77)], kept.timeNs + 1);
					after.close(false);
					expect(readJournal(path)).toMatchObject({writes: [...kept.writes, write(77)], isTorn: false});
				},
			),
			{numRuns: runs(150)},
		);
	});

	test.each([
		'',
		'x',
		'{}\n',
		'[]\n',
		'{"journal":2}\n',
		'{"journal":1,"id":3}\n',
		'null\n',
	])('%j is no journal', text => {
		const path = join(root, 'other.session');
		writeFileSync(path, text);
		expect(() => readJournal(path)).toThrow(`EINVAL: ${path} is not the session of a machine`);
	});

	test('a line that is none of a journal ends what can be trusted', async () => {
		const path = newPath();
		const journal = await Journal.open(path, header);
		journal.follow([write(1)], 1000);
		journal.close(false);
		const whole = readFileSync(path, 'utf8');
		for (const line of ['nonsense', '[1,2]', '{"kept":0}', '7', '[1,"2","a","b","c"]']) {
			writeFileSync(path, `${whole}${line}\n${JSON.stringify({timeNs: 1e9})}\n`);
			expect(readJournal(path)).toMatchObject({writes: [write(1)], timeNs: 1000, bytes: whole.length, isTorn: true});
		}
	});
});

test.each([
	[{XDG_STATE_HOME: '/s', HOME: '/h'}, '/s/mmtop/lab0.session'],
	[{HOME: '/h'}, '/h/.local/state/mmtop/lab0.session'],
	[{XDG_STATE_HOME: 'relative', HOME: '/h'}, '/h/.local/state/mmtop/lab0.session'],
])('it lies where %j says', (env, path) => {
	expect(journalPath(env, 'lab0')).toBe(path);
});
