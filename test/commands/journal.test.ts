/** The journal of a session: what was acknowledged is there again, wherever the file was cut off. */
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {claim, claimAs, type Holder, holderOf} from '../../source/commands/claim.ts';
import {Journal, journalPath, readJournal} from '../../source/commands/journal.ts';
import type {Instant, SessionWrite} from '../../source/lab/session.ts';
import {runs} from '../sample.ts';

const root = mkdtempSync(join(tmpdir(), 'mmtop-journal-'));
afterAll(() => rmSync(root, {recursive: true}));

const header = {id: 'one', program: 'this', options: {preset: 'lab', seed: 7}};
let files = 0;
function newPath(): string {
	files++;
	mkdirSync(join(root, String(files)));
	return join(root, String(files), 'a.session');
}

const at = (events: number): Instant => ({timeNs: events * 1000, events});

/** The write that has so many others before it. */
const write = (events: number, index: number, text = 'pause'): SessionWrite => ({
	timeNs: events * 1000,
	seq: events + index,
	path: '/sys/kernel/debug/lab/clock',
	text,
	by: 'somebody',
});

test('a session is read as it was written, with the instant that it came to', () => {
	const path = newPath();
	const journal = new Journal(path, header);
	const session = [write(1, 0), write(2, 1, 'línea\n"quoted"')];
	journal.follow(session.slice(0, 1), at(1));
	journal.follow(session, at(2));
	journal.follow(session, at(9));
	journal.close();
	const bytes = statSync(path).size;
	expect(readJournal(path)).toEqual({...header, writes: session, until: at(9), served: 1, bytes, isTorn: false});
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('it goes on where it was, and nothing is written where nothing happened', () => {
	const path = newPath();
	const first = new Journal(path, header);
	first.follow([write(1, 0)], at(5));
	first.close();
	const kept = readJournal(path)!;
	const second = new Journal(path, header, kept);
	const {size} = statSync(path);
	// As a restored machine has it: the same writes in objects of its own.
	const session = [write(1, 0)];
	second.follow(session, kept.until);
	expect(statSync(path).size).toBe(size);
	second.follow([...session, write(9, 1)], at(9));
	second.close();
	expect(readJournal(path)).toMatchObject({writes: [write(1, 0), write(9, 1)], until: at(9), served: 2});
});

describe('a machine that went back', () => {
	const readAfter = (...follows: readonly (readonly [readonly SessionWrite[], Instant])[]) => {
		const path = newPath();
		const journal = new Journal(path, header);
		for (const [session, now] of follows) journal.follow(session, now);
		journal.close();
		return readJournal(path);
	};

	test('has only what it was left with', () => {
		const session = [write(1, 0), write(2, 1), write(3, 2)];
		const left = [write(1, 0), write(2, 1, 'run')];
		expect(readAfter([session, at(9)], [left, at(2)])).toMatchObject({writes: left, until: at(2)});
	});

	test.each([[[]], [[write(1, 0)]]])('to a time before which all of %j was written, is there', before => {
		const after = [...before, write(5, before.length)];
		const once = readAfter([before, at(10)], [after, at(5)]);
		expect(once).toMatchObject({writes: after, until: at(5)});
		expect(readAfter([before, at(10)], [before, at(5)])).toMatchObject({writes: before, until: at(5)});
	});
});

test('a write costs less than 200 bytes', () => {
	const path = newPath();
	const journal = new Journal(path, header);
	const before = statSync(path).size;
	const session: SessionWrite[] = [];
	for (let n = 0; n < 200; n++) {
		const text = 'direct-read pages=64 offset=128';
		session.push({...write(1e9 + n, n), path: '/sys/kernel/debug/lab/inject', text});
		journal.follow([...session], at(1e9 + n));
	}
	journal.close();
	expect((statSync(path).size - before) / session.length).toBeLessThan(200);
});

test('the end of a machine is the end of its file, also where somebody was faster', () => {
	const path = newPath();
	const journal = new Journal(path, header);
	journal.close();
	journal.remove();
	expect(readJournal(path)).toBeUndefined();
	expect(() => journal.remove()).not.toThrow();
});

describe('whatever is done, and wherever the file ends', () => {
	const step = fc.oneof(
		{weight: 4, arbitrary: fc.string({maxLength: 20, unit: 'grapheme'}).map(text => ({kind: 'write' as const, text}))},
		{weight: 2, arbitrary: fc.integer({min: 1, max: 50}).map(events => ({kind: 'time' as const, events}))},
		{weight: 1, arbitrary: fc.nat(6).map(left => ({kind: 'back' as const, left}))},
	);

	test('every write whose answer was given is there, and what follows is put behind it', () => {
		fc.assert(
			fc.property(fc.array(step, {maxLength: 12}), fc.double({min: 0, max: 1, noNaN: true}), (steps, cut) => {
				const path = newPath();
				const journal = new Journal(path, header);
				let [session, events]: [readonly SessionWrite[], number] = [[], 0];
				const states = [{bytes: statSync(path).size, session, wentBack: false}];
				for (const each of steps) {
					if (each.kind === 'write') session = [...session, write(events, session.length, each.text)];
					if (each.kind === 'time') events += each.events;
					if (each.kind === 'back' && each.left <= session.length) {
						session = session.slice(0, each.left).map(kept => ({...kept}));
						events = session.length === 0 ? 0 : session.at(-1)!.seq - session.length + 1;
					}
					journal.follow(session, at(events));
					states.push({bytes: statSync(path).size, session, wentBack: each.kind === 'back'});
				}
				journal.close();
				expect(readJournal(path)).toMatchObject({writes: session, until: at(events), isTorn: false});

				const first = states[0]!.bytes;
				const length = first + Math.floor(cut * (statSync(path).size - first));
				truncateSync(path, length);
				const kept = readJournal(path)!;
				const index = states.findLastIndex(({bytes}) => bytes <= length);
				const [last, next = last] = [states[index]!, states[index + 1]];
				// The next step may have come on the disk in part.
				const isOf = (writes: readonly SessionWrite[]) =>
					JSON.stringify(writes.slice(0, kept.writes.length)) === JSON.stringify(kept.writes);
				expect(isOf(next!.session) || (next!.wentBack && isOf(last!.session))).toBe(true);
				if (!next!.wentBack) expect(kept.writes.length).toBeGreaterThanOrEqual(last!.session.length);

				const after = new Journal(path, header, kept);
				const added = write(kept.until.events + 7, kept.writes.length);
				after.follow([...kept.writes, added], at(kept.until.events + 7));
				after.close();
				expect(readJournal(path)).toMatchObject({writes: [...kept.writes, added], isTorn: false});
			}),
			{numRuns: runs(300)},
		);
	});

	const withOptions = (options: string) => `{"journal":1,"id":"a","program":"b","options":${options}}\n`;

	test.each([
		...['{}\n', '[]\n', '{"journal":2}\n', '{"journal":1,"id":3}\n', 'null\n'],
		...['null', '[]', '"busy"'].map(withOptions),
	])('%j is not a journal', text => {
		const path = newPath();
		writeFileSync(path, text);
		expect(() => readJournal(path)).toThrow(`EINVAL: ${path} is not the session of a machine; "--fresh" puts it aside`);
	});

	test.each(['', '{"journal":1'])('%j is of a server that ended before it had a machine', text => {
		const path = newPath();
		writeFileSync(path, text);
		expect(readJournal(path)).toBeUndefined();
		new Journal(path, header).close();
		expect(readJournal(path)).toMatchObject({...header, writes: [], isTorn: false});
	});

	test('a line that is none of a journal ends what can be trusted', () => {
		const path = newPath();
		const journal = new Journal(path, header);
		journal.follow([write(1, 0)], at(1));
		journal.close();
		const whole = readFileSync(path, 'utf8');
		const texts = '"a","b","c"';
		for (const line of [
			...['nonsense', '[1,2]', '{"kept":0}', '7', `[1,"2",${texts}]`, '{"timeNs":1}', '{"served":-1}'],
			...[`[1,1e400,${texts}]`, `[-1,0,${texts}]`, `[1,0.5,${texts}]`, '{"timeNs":0,"events":0,"kept":-1}'],
		]) {
			writeFileSync(path, `${whole}${line}\n${JSON.stringify(at(1e9))}\n`);
			expect(readJournal(path)).toMatchObject({
				writes: [write(1, 0)],
				until: at(1),
				bytes: whole.length,
				isTorn: true,
			});
		}
	});

	test('a link, or what is not a file, is not followed', () => {
		const path = newPath();
		symlinkSync('/etc/hostname', path);
		expect(() => readJournal(path)).toThrow(/^ELOOP: cannot read the session in /);
		const directory = newPath();
		mkdirSync(directory);
		expect(() => readJournal(directory)).toThrow(/^EPERM: the session in .* must be a file of this user/);
	});
});

describe('a claim', () => {
	test('is of one process, as long as that runs', () => {
		const path = newPath();
		expect(claim(path)).toBeUndefined();
		expect(claim(path)).toBe(`process ${process.pid}`);
	});

	test.each([
		['one that is gone', {host: hostname(), pid: 2 ** 22 + 1, began: '1'}],
		['one whose number another process has now', {host: hostname(), pid: process.pid, began: '1'}],
		['one that was killed while it wrote', undefined],
	])('of %s does not count', (_what, holder) => {
		const path = newPath();
		writeFileSync(path, holder ? JSON.stringify(holder) : '{"ho');
		expect(claim(path)).toBeUndefined();
		expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({pid: process.pid});
		expect(readdirSync(dirname(path)), 'nothing is left').toEqual([basename(path)]);
	});

	test('is one server’s, in whatever order several take their steps, and is never seen half', () => {
		const elsewhere = [7, 8].map(pid => ({host: 'elsewhere', pid, began: '1'}));
		const holders = [holderOf(process.pid), ...elsewhere];
		const gone: Holder = {host: hostname(), pid: 2 ** 22 + 1, began: '1'};
		fc.assert(
			fc.property(
				fc.constantFrom(undefined, `${JSON.stringify(gone)}\n`, '{"ho'),
				fc.array(fc.nat(2), {maxLength: 60}),
				(before, order) => {
					const path = newPath();
					if (before !== undefined) writeFileSync(path, before);
					const running = holders.map(holder => claimAs(holder, path));
					const results = new Map<number, string | undefined>();
					const step = (index: number) => {
						if (results.has(index)) return;
						const {done, value} = running[index]!.next();
						if (done) results.set(index, value as string | undefined);
						const text = existsSync(path) ? readFileSync(path, 'utf8') : before;
						if (text !== before) expect(holders).toContainEqual(JSON.parse(text ?? ''));
					};
					for (const index of order) step(index);
					while (results.size < holders.length) for (const index of holders.keys()) step(index);
					const winners = [...results].filter(([, other]) => other === undefined).map(([index]) => holders[index]);
					expect(winners).toEqual([JSON.parse(readFileSync(path, 'utf8'))]);
					expect(readdirSync(dirname(path))).toEqual([basename(path)]);
				},
			),
			{numRuns: runs(120)},
		);
	});

	test('goes on where one was killed while it replaced another', () => {
		const path = newPath();
		writeFileSync(path, '{"ho');
		const gone: Holder = {host: hostname(), pid: 2 ** 22 + 1, began: '1'};
		const killed = claimAs(gone, path);
		const files = () => readdirSync(dirname(path)).length;
		while (files() < 3) killed.next();
		expect(claim(path)).toBeUndefined();
		expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({pid: process.pid});
	});

	test('of another computer counts: who knows whether it runs', () => {
		const path = newPath();
		writeFileSync(path, JSON.stringify({host: 'elsewhere', pid: 7, began: '1'}));
		expect(claim(path)).toBe('process 7 on elsewhere');
	});
});

test.each([
	[{XDG_STATE_HOME: '/s', HOME: '/h'}, '/s/mmtop/lab0.session'],
	[{HOME: '/h'}, '/h/.local/state/mmtop/lab0.session'],
	[{XDG_STATE_HOME: 'relative', HOME: '/h'}, '/h/.local/state/mmtop/lab0.session'],
])('it lies where %j says', (env, path) => {
	expect(journalPath(env, 'lab0')).toBe(path);
});
