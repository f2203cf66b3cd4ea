/** A machine in the hands of a debugger, or out of them: what more than one write is needed for. */
import type {Position} from '../kernel/debug/debugger.ts';
import {gdbPath} from './gdb.ts';
import {type Running, runUntil, writeTo} from './running.ts';

/** The debugger is gone. A machine that stopped takes no writes, and is free all the same. */
export function free(on: Running): void {
	const {debugger: dbg} = on.k;
	if (dbg?.holder === undefined) return;
	if (on.stopped) dbg.holder = undefined;
	else writeTo(on, gdbPath, 'detach', dbg.holder);
}

/** Holds a machine that has come to the event of a position, and runs it up to there. */
export function standAt(on: Running, {tid, instructions, breakpoint}: Position, by: string): void {
	const hit = breakpoint ? ` ${breakpoint.bp_type}:${breakpoint.bp_addr.toString(16)}:${breakpoint.bp_len}` : '';
	if (tid === undefined || instructions === undefined) {
		writeTo(on, gdbPath, `at -${hit}`, by);
		return;
	}
	writeTo(on, gdbPath, `at ${tid} ${instructions}${hit}`, by);
	runUntil(on, Number.MAX_SAFE_INTEGER, 1);
	if (!on.clock.paused) writeTo(on, gdbPath, 'stop', by);
}
