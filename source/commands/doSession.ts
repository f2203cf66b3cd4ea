/** Does a kept session again, in slices, and tells which build can. */
import {createHash, randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {Lab} from '../lab/lab.ts';
import type {Kept} from './journal.ts';

/** Events between two looks at the wall clock; wall time that the event loop has to wait at most. */
const eventsPerLook = 64;
const sliceMs = 20;
/** Between two sentences about how far it is. */
const sayEveryMs = 1000;

/** The build of this program: another one may do a session otherwise. */
export function programDigest(): string {
	const hash = createHash('sha256');
	try {
		hash.update(readFileSync(process.argv[1] ?? ''));
	} catch {
		// It was replaced while it runs: no session of it can be known again.
		hash.update(randomBytes(16));
	}
	return hash.digest('hex').slice(0, 16);
}

/**
 * Does a session again on a machine that was just switched on.
 * @param onTheWay called once a second with the virtual time so far
 * @returns false when it was stopped
 * @throws ForeignSession
 */
export async function doSession(
	lab: Lab,
	kept: Pick<Kept, 'writes' | 'until'>,
	onTheWay: (nowNs: number) => void,
	isStopped: () => boolean = () => false,
): Promise<boolean> {
	let [sliceEndMs, sayMs] = [performance.now() + sliceMs, performance.now() + sayEveryMs];
	let events = 0;
	for (const _ of lab.restore(kept.writes, kept.until)) {
		events++;
		if (events % eventsPerLook !== 0) continue;
		const nowMs = performance.now();
		if (nowMs < sliceEndMs) continue;
		await setImmediate();
		if (isStopped()) return false;
		if (nowMs >= sayMs) {
			onTheWay(lab.timeNs());
			sayMs = nowMs + sayEveryMs;
		}
		sliceEndMs = performance.now() + sliceMs;
	}
	return true;
}
