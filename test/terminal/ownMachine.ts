/**
 * A machine of one's own in a pseudo-terminal, as `mmtop` alone opens it, but in this process: the machine's wall clock
 * is the test's, and passes only when the test says so.
 */

import {constants, openSync} from 'node:fs';
import {ReadStream, WriteStream} from 'node:tty';
import {onTestFinished} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {path} from '../../source/model/paths.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {runHeadless} from '../../source/target/headless.ts';
import type {Target} from '../../source/target/target.ts';
import {runMonitor} from '../../source/ui/run.tsx';
import {fakeClock} from '../target/support/fakeClock.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

/** A monitor that has not asked for a second is not taken for a reader. */
const mostMs = 900;
const littleMs = 200;
/** The monitor asks as fast as it can draw: the test waits for it after each step of its clock. */
const refresh = 200;

export type OwnMachine = {
	readonly session: TerminalSession;
	/** The screen shows all of what the machine is now. */
	drawn(): Promise<void>;
	/** Milliseconds of the test's clock pass, and the monitor has drawn what has become of the machine. */
	pass(ms: number): Promise<void>;
	/** Time passes, a little at once, until that is so. @throws when it is not so after a minute */
	passUntil(isSo: () => boolean): Promise<void>;
	/** The state that is held, as `lab/clock` names it; null for none. */
	readonly holding: () => string | null;
	readonly injections: () => ReturnType<typeof parseInject>['injections'];
};

/** @param ageNs how long the machine has run when the monitor opens, in virtual nanoseconds */
export async function openOwnMachine(ageNs: number): Promise<OwnMachine> {
	const lab = bootLab({pace: 'read'});
	runHeadless(lab, ageNs);
	const wall = fakeClock();
	const machine = embeddedMachine(lab, 'lab', wall);
	const client = machine.client('monitor');
	let asked = 0;
	let onAsked = (): void => {};
	const target: Target = {
		...client,
		sample(request) {
			asked++;
			onAsked();
			return client.sample(request);
		},
	};

	// Holds the line open, and reads nothing from it.
	const session = openTerminal(['sleep', 'infinity'], {columns: 120, rows: 40});
	const tty = () => openSync(session.ttyPath, constants.O_RDWR | constants.O_NOCTTY);
	const [stdin, stdout] = [new ReadStream(tty()), new WriteStream(tty())];
	const env = {TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8'};
	const left = runMonitor({target, stdin, stdout, env, options: {mouse: false, refresh}});
	onTestFinished(async () => {
		session.press('q');
		await left;
		stdin.destroy();
		stdout.destroy();
		machine.stop();
	});

	/** A monitor that asks once more has drawn the answer before. */
	const askedTwice = (): Promise<void> =>
		new Promise(resolve => {
			const enough = asked + 2;
			onAsked = () => {
				if (asked >= enough) resolve();
			};
		});
	let marks = 0;
	const drawn = async (): Promise<void> => {
		await askedTwice();
		// A sequence that terminals pass over: what was written before it is on the screen when it has come through.
		const mark = `\u001B]7777;${++marks}\u0007`;
		const from = session.output().length;
		stdout.write(mark);
		await session.waitFor(() => session.output().includes(mark, from));
	};
	const pass = async (ms: number): Promise<void> => {
		for (let restMs = ms; restMs > 0; restMs -= mostMs) {
			wall.advance(Math.min(mostMs, restMs));
			await drawn();
		}
	};
	const text = (file: string): string => String(lab.read(file));

	await drawn();
	return {
		session,
		drawn,
		pass,
		async passUntil(isSo) {
			for (let passedMs = 0; !isSo(); passedMs += littleMs) {
				if (passedMs > 60_000) throw new Error(`not so after a minute; the screen:\n${session.screen().join('\n')}`);
				await pass(littleMs);
			}
		},
		holding: () => parseClock(text(path.clock)).holding,
		injections: () => parseInject(text(path.inject)).injections,
	};
}
