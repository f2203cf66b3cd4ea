/**
 * `npm run bench -- slow-line`: the built monitor of a busy machine, in a pseudo-terminal behind a line of 64 kbit/s
 * with 100 ms of delay each way, whose buffer has no end: nothing but the program itself keeps frames from queueing.
 * Keys are pressed at the far end, and the time until the far end shows what they do is taken.
 */
import {createRequire} from 'node:module';
import {performance} from 'node:perf_hooks';
import type * as Pty from '@lydell/node-pty';
import type * as Headless from '@xterm/headless';

const require = createRequire(import.meta.url);
const {spawn} = require('@lydell/node-pty') as typeof Pty;
const {Terminal} = require('@xterm/headless') as typeof Headless;

const bytesPerMs = 8;
const delayMs = 100;
const columns = 120;
const rows = 40;
const keys = 60;
const settleMs = 6_000;

const frame = '\u001B[?2026h';

const rest = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

const quantile = (sorted: readonly number[], share: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

export async function slowLine(): Promise<void> {
	const terminal = new Terminal({cols: columns, rows: rows, allowProposedApi: true, scrollback: 0});
	const pty = spawn(process.execPath, ['dist/mmtop.mjs', '--load', 'busy'], {
		cols: columns,
		rows: rows,
		name: 'xterm-256color',
		env: {...process.env, LANG: 'C.UTF-8', NO_COLOR: '1', XDG_CONFIG_HOME: '/nonexistent'},
	});
	let freeMs = 0;
	let bytes = 0;
	/** When each frame has left. */
	const leaving: number[] = [];
	let mostQueued = 0;
	let onShown = (): void => {};
	terminal.onData(answer => setTimeout(() => pty.write(answer), delayMs));
	pty.onData(text => {
		const length = Buffer.byteLength(text);
		const nowMs = performance.now();
		bytes += length;
		freeMs = Math.max(nowMs, freeMs) + length / bytesPerMs;
		// Behind the one that is going out.
		const waiting = leaving.filter(ms => ms > nowMs).length;
		if (text.includes(frame)) {
			mostQueued = Math.max(mostQueued, waiting);
			leaving.push(freeMs);
		} else if (leaving.length > 0) {
			leaving[leaving.length - 1] = freeMs;
		}
		setTimeout(() => terminal.write(text, () => onShown()), freeMs + delayMs - nowMs);
	});

	/** The row that is selected: the one in reverse, between the status line and the footer. */
	const selectedRow = (): number => {
		const buffer = terminal.buffer.active;
		for (let row = 2; row < rows - 1; row++) {
			if (buffer.getLine(row)?.getCell(5)?.isInverse()) return row;
		}
		return -1;
	};
	/** Presses a key at the far end. @returns milliseconds until another row is selected there */
	const press = async (key: string): Promise<number> => {
		const before = selectedRow();
		const pressedMs = performance.now();
		setTimeout(() => pty.write(key), delayMs);
		return new Promise(resolve => {
			onShown = () => {
				if (selectedRow() !== before) {
					onShown = () => {};
					resolve(performance.now() - pressedMs);
				}
			};
		});
	};

	await rest(settleMs);
	await press('\u001B[B');
	const bytesBefore = bytes;
	const beganMs = performance.now();
	const latencies: number[] = [];
	for (let key = 0; key < keys; key++) {
		latencies.push(await press(key % 2 === 0 ? '\u001B[B' : '\u001B[A'));
		// Not in step with the samples.
		await rest(100 + ((key * 37) % 250));
	}
	const seconds = (performance.now() - beganMs) / 1000;
	pty.write('q');
	await new Promise(resolve => pty.onExit(resolve));
	latencies.sort((a, b) => a - b);
	const shown = (share: number) => `${quantile(latencies, share).toFixed(0)} ms`;
	console.log(
		`64 kbit/s, ${delayMs} ms each way, ${columns}x${rows}: ${keys} keys, ` +
			`${((bytes - bytesBefore) / seconds) | 0} bytes a second`,
	);
	console.log(
		`key to change: p50 ${shown(0.5)}, p95 ${shown(0.95)}, longest ${shown(1)}; the round trip is ${2 * delayMs} ms`,
	);
	console.log(`frames that waited behind another: ${mostQueued} at most`);
}
