/** The status line of a machine on its way back in time: how far, how long still, and the key that ends it. */
import {afterEach, expect, test} from 'vitest';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {path} from '../../source/model/paths.ts';
import {type Rewinding, rewindingAfter} from '../../source/ui/state/rewinding.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {clock} from './support/records.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;
afterEach(() => session?.stop());

const onItsWay = (atNs: number, toNs: number | null = 9e9) =>
	clock({timeNs: 10e9, state: 'rewinding', rewoundNs: atNs, rewindToNs: toNs});

test('the time left is counted at the pace so far, from where it was first seen', () => {
	const first = rewindingAfter(undefined, onItsWay(1e9), 100);
	expect(first).toEqual({atNs: 1e9, toNs: 9e9, fromNs: 1e9, sinceMs: 100, leftMs: undefined});
	const second = rewindingAfter(first, onItsWay(3e9), 600);
	expect(second).toMatchObject({atNs: 3e9, leftMs: 1500});
	// The longer it stands, the longer it will take.
	expect(rewindingAfter(second, onItsWay(3e9), 700)).toMatchObject({atNs: 3e9, leftMs: 1800});
	expect(rewindingAfter(second, onItsWay(9e9), 2100)).toMatchObject({leftMs: 0});
	// Another goal, and another machine that goes there.
	expect(rewindingAfter(second, onItsWay(4e9, 8e9), 800)).toMatchObject({toNs: 8e9, fromNs: 4e9, leftMs: undefined});
	expect(rewindingAfter(second, onItsWay(2e9), 800)).toMatchObject({fromNs: 2e9, leftMs: undefined});
	expect(rewindingAfter(second, clock({state: 'paused'}), 800)).toBeUndefined();
	// What a target does not say is at most where it was.
	expect(rewindingAfter(undefined, onItsWay(1e9, null), 0)).toMatchObject<Partial<Rewinding>>({toNs: 10e9});
});

test.each([
	['embedded', 160, '◀ REWINDING 3.0 of 9.0 s, 1 s left: space stays here'],
	['embedded', 80, '◀ REWINDING 3.0 of 9.0 s, 1 s left: space stays here'],
	['embedded', 50, '◀ 3.0 of 9.0 s, 1 s left: space'],
	['socket', 160, '◀ REWINDING 3.0 of 9.0 s, 1 s left: P stays here'],
] as const)('%s, at %i columns', async (kind, columns, text) => {
	const target = createFakeTarget({kind});
	target.files.set(path.clock, formatClock(onItsWay(2e9)));
	session = startSession(target, {columns, rows: 30});
	const {waitFor, press} = session;
	await waitFor(screen => screen.includes('2.0 of 9.0 s'));
	target.files.set(path.clock, formatClock(onItsWay(3e9)));
	await waitFor(screen => screen.split('\n')[0]!.includes(text));
	// Once more goes further.
	press('[', kind === 'embedded' ? ' ' : 'P');
	await waitFor(() => target.written.length === 2);
	expect(target.written).toEqual([`${path.clock} rewind 8000000000ns`, `${path.clock} pause`]);
});
