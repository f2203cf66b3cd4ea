/** The whole monitor on a fake target and a headless terminal, with a clock that the test holds. */

import type {Target} from '../../../source/target/target.ts';
import {type Monitor, startMonitor} from '../../../source/ui/monitor.tsx';
import {createScreen} from '../../../source/ui/terminal/screen.ts';
import {createTheme, type ThemeName} from '../../../source/ui/terminal/theme.ts';
import {createHeadlessTerminal, type HeadlessTerminal} from './headlessTerminal.ts';

export type Session = {
	readonly monitor: Monitor;
	readonly terminal: HeadlessTerminal;
	/** Resolves with the screen once it satisfies the predicate; the test's own time limit ends a vain wait. */
	waitFor(predicate: (screen: string) => boolean): Promise<string>;
	waitForText(text: string): Promise<string>;
	press(...keys: readonly string[]): void;
	screen(): string;
	/** Bytes sent since the last call. */
	sent(): string;
	resize(columns: number, rows: number): void;
	hasQuit(): boolean;
	crashes: unknown[];
	stop(): void;
};

export function startSession(
	target: Target,
	{columns = 120, rows = 40, theme = 'dark'}: {columns?: number; rows?: number; theme?: ThemeName} = {},
): Session {
	const terminal = createHeadlessTerminal(columns, rows);
	const crashes: unknown[] = [];
	let hasQuit = false;
	let bytes = '';
	let nowMs = 0;
	const waiters = new Set<() => void>();

	const screen = createScreen(
		(text, done) => {
			bytes += text;
			void terminal.write(text).then(() => {
				done();
				for (const check of [...waiters]) {
					check();
				}
			});
		},
		createTheme(theme, true),
		columns,
		rows,
	);
	const monitor = startMonitor({
		target,
		screen,
		theme: createTheme(theme, true),
		columns,
		rows,
		nowMs: () => {
			nowMs += 1;
			return nowMs;
		},
		onQuit: () => {
			hasQuit = true;
		},
		onSuspend: () => {},
		onCrash: error => crashes.push(error),
	});
	const text = () => terminal.text().join('\n');
	const waitFor = (predicate: (screen: string) => boolean): Promise<string> =>
		new Promise(resolve => {
			const check = () => {
				const now = text();
				if (predicate(now)) {
					waiters.delete(check);
					resolve(now);
				}
			};
			waiters.add(check);
			check();
		});

	return {
		monitor,
		terminal,
		waitFor,
		waitForText: wanted => waitFor(now => now.includes(wanted)),
		press(...keys) {
			for (const key of keys) {
				monitor.press(key);
			}
		},
		screen: text,
		sent() {
			const sent = bytes;
			bytes = '';
			return sent;
		},
		resize(newColumns, newRows) {
			terminal.resize(newColumns, newRows);
			monitor.resize(newColumns, newRows);
		},
		hasQuit: () => hasQuit,
		crashes,
		stop: () => monitor.stop(),
	};
}
