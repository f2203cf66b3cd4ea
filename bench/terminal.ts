/**
 * A program in a pseudo-terminal of 120x40, and what it costs: CPU, memory, bytes, cells, how soon it answers. Linux
 * only.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {performance} from 'node:perf_hooks';
import {setTimeout as pause} from 'node:timers/promises';
import {spawn} from '@lydell/node-pty';
import type {Terminal as TerminalType} from '@xterm/headless';

const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof TerminalType};

const columns = 120;
const rows = 40;
/** Silence that separates two refreshes. */
const burstMs = 15;

/**
 * What a program wrote in a while. `changed` counts the cells that looked different after each refresh than before it.
 */
type Written = {readonly refreshes: number; readonly bytes: number; readonly changed: number};

export type Measured = {
	/** CPU time so far of all its threads that live, user and system, in milliseconds. */
	cpuMs(): number;
	/** Highest resident memory so far, in MiB. */
	peakMb(): number;
	written(): Written;
	screen(): string;
	/** Waits for a screen. @returns wall time until the bytes came that made it so, in ms @throws Error after 20 s */
	until(wanted: (screen: string) => boolean): Promise<number>;
	/** Presses a key and waits for a screen. @returns milliseconds from the key to the bytes that made it so */
	press(key: string, wanted: (screen: string) => boolean): Promise<number>;
	/** Presses a key and waits for any cell to change. */
	pressForChange(key: string): Promise<number>;
	type(key: string): void;
	stop(): Promise<void>;
};

function cpuOf(pid: number): number {
	let sum = 0;
	for (const task of readdirSync(`/proc/${pid}/task`)) {
		// A thread may end between the two calls.
		try {
			sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
		} catch {}
	}
	return sum / 1e6;
}

const peakOf = (pid: number): number =>
	Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** CPU time and peak memory of any process of ours, as `Measured` has them. */
export const costOf = (pid: number) => ({cpuMs: () => cpuOf(pid), peakMb: () => peakOf(pid)});

/** What every cell looks like. */
function look(terminal: TerminalType): string[] {
	const cells: string[] = [];
	const buffer = terminal.buffer.active;
	const cell = buffer.getNullCell();
	for (let row = 0; row < rows; row++) {
		const line = buffer.getLine(buffer.baseY + row);
		for (let column = 0; column < columns; column++) {
			line?.getCell(column, cell);
			const colours = `${cell.getFgColorMode()} ${cell.getFgColor()} ${cell.getBgColorMode()} ${cell.getBgColor()}`;
			cells.push(
				`${cell.getChars()} ${colours} ${cell.isBold()} ${cell.isDim()} ${cell.isUnderline()} ${cell.isInverse()}`,
			);
		}
	}
	return cells;
}

const differing = (a: readonly string[], b: readonly string[]): number =>
	a.reduce((sum, cell, index) => sum + (cell === b[index] ? 0 : 1), 0);

/** @throws Error when the program cannot be started */
export function startMeasured(
	[file = '', ...args]: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Measured {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	const program = spawn(file, [...args], {
		cols: columns,
		rows,
		name: 'xterm-256color',
		env: {...process.env, COLORTERM: 'truecolor', LANG: 'C.UTF-8', ...env},
	});
	const ended = new Promise<void>(resolve => program.onExit(() => resolve()));
	const watchers = new Set<(arrivedMs: number) => void>();
	let [bytes, refreshes, changed] = [0, 0, 0];
	let shown = look(terminal);
	let burst: NodeJS.Timeout | undefined;
	const refreshed = (): void => {
		const now = look(terminal);
		changed += differing(now, shown);
		shown = now;
		refreshes++;
	};
	terminal.onData(answer => program.write(answer));
	program.onData(text => {
		const arrivedMs = performance.now();
		bytes += Buffer.byteLength(text);
		clearTimeout(burst);
		burst = setTimeout(refreshed, burstMs);
		terminal.write(text, () => {
			for (const watcher of watchers) watcher(arrivedMs);
		});
	});

	const screen = (): string => {
		const buffer = terminal.buffer.active;
		return Array.from({length: rows}, (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true)).join(
			'\n',
		);
	};
	const arrival = (isThere: () => boolean): Promise<number> =>
		new Promise((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`${file} does not show what was expected:\n${screen()}`)), 20_000);
			const watcher = (arrivedMs: number): void => {
				if (!isThere()) return;
				watchers.delete(watcher);
				clearTimeout(late);
				resolve(arrivedMs);
			};
			watchers.add(watcher);
		});
	const timed = async (key: string, isThere: () => boolean): Promise<number> => {
		const seen = arrival(isThere);
		const pressedMs = performance.now();
		program.write(key);
		return (await seen) - pressedMs;
	};
	const startedMs = performance.now();
	return {
		...costOf(program.pid),
		written: () => ({refreshes, bytes, changed}),
		screen,
		until: async wanted => (wanted(screen()) ? performance.now() : await arrival(() => wanted(screen()))) - startedMs,
		press: (key, wanted) => timed(key, () => wanted(screen())),
		pressForChange(key) {
			const before = look(terminal);
			return timed(key, () => differing(look(terminal), before) > 0);
		},
		type: key => program.write(key),
		async stop() {
			program.kill('SIGTERM');
			await Promise.race([ended, pause(2000)]);
			clearTimeout(burst);
			terminal.dispose();
		},
	};
}
