import {expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {bootLab} from '../../source/lab/lab.ts';
import type {TraceModel} from '../../source/model/trace.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../source/ui/state/layout.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';

/** Objects and array elements that a value holds, each counted once. */
function sizeOf(value: unknown, seen = new Set<unknown>()): number {
	if (typeof value !== 'object' || value === null || seen.has(value)) return 0;
	seen.add(value);
	if (ArrayBuffer.isView(value)) return value.byteLength / 8;
	const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
	return parts.reduce<number>((sum, part) => sum + 1 + sizeOf(part, seen), 0);
}

test('a monitor that has watched for long holds no more than one that has watched for a while', async () => {
	const machine = bootLab({load: 'busy'});
	const {target, runUntil} = headlessMachine(machine, 'soak');
	let state: State = initialState(target, 120, 40);
	const sizes: number[] = [];
	for (let sample = 1; sample <= 120; sample++) {
		runUntil(sample * 50e6);
		const [paths, panes] = [wantedPaths(state), visiblePanes(state)];
		const message = {type: 'sampled', sample: await target.sample({paths}), panes, nowMs: sample * 100} as const;
		state = update(state, message).state;
		if (sample % 20 === 0) {
			state = update(state, {type: 'listed', path: '/proc', names: await target.list('/proc')}).state;
			sizes.push(sizeOf(state));
		}
	}
	const [early, late] = [sizes.slice(1, 3), sizes.slice(-2)];
	expect(Math.max(...late)).toBeLessThan(1.3 * Math.max(...early));
	const {trace} = state.models;
	expect(trace.state === 'ready' && (trace.model as TraceModel).seen.length).toBeLessThanOrEqual(400);
	expect(parseClock(String(machine.read('/sys/kernel/debug/lab/clock'))).timeNs).toBe(6e9);
});
