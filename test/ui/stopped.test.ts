/** What the monitor shows of a machine that stopped, and the keys that lead out of it. */
import {afterEach, expect, test} from 'vitest';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {path} from '../../source/model/paths.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {clock} from './support/records.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;

afterEach(() => {
	session?.stop();
	expect(session?.crashes).toEqual([]);
	session = undefined;
});

const sentences = {
	panic: 'kernel panic at 12.345655s: Fatal exception in interrupt',
	broken: 'the simulated machine broke (a bug in mmtop) at 12.345655s: frame 7 is free',
};

test.each([
	['panic', 160],
	['panic', 80],
	['broken', 160],
	['broken', 80],
] as const)('%s is on the status line, with the sentence, at %i columns', async (state, columns) => {
	const target = createFakeTarget({kind: 'embedded'});
	target.files.set(path.clock, formatClock(clock({state, stopped: sentences[state]})));
	session = startSession(target, {columns, rows: 30});
	const {waitForText, waitFor, press} = session;
	const screen = await waitForText(` ${state.toUpperCase()} `);
	expect(screen.split('\n')[0]).toContain(` ${state.toUpperCase()} `);
	expect(screen).toContain(sentences[state].slice(0, 70));
	if (columns === 160) expect(screen.split('\n')[0]).toContain(sentences[state]);
	press('[', ',');
	target.files.set(
		path.clock,
		formatClock(clock({state: 'rewinding', rewoundNs: 1e9, rewindToNs: 3e9, stopped: sentences[state]})),
	);
	target.seq++;
	const rewinding = await waitForText('REWINDING');
	expect(rewinding).not.toContain(sentences[state].slice(0, 20));
	expect(target.written).toEqual([`${path.clock} rewind 11345655000ns`, `${path.clock} back`]);
	target.files.set(path.clock, formatClock(clock({state: 'paused'})));
	target.seq++;
	await waitFor(now => now.includes('PAUSED') && !now.includes(state.toUpperCase()));
});
