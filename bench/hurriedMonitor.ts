import type {Target} from '../source/target/target.ts';
import {type Monitor, startMonitor} from '../source/ui/monitor.tsx';
import {createScreen} from '../source/ui/terminal/screen.ts';
import {createTheme} from '../source/ui/terminal/theme.ts';

/** A monitor at 120x40 whose screen nobody sees, and that asks again as soon as it has drawn. */
export function startHurried(target: Target, onCrash: (error: unknown) => void): Monitor {
	const theme = createTheme('dark', true);
	const size = {columns: 120, rows: 40};
	let wallMs = 0;
	return startMonitor({
		target,
		screen: createScreen((_bytes, done) => done(), theme, size.columns, size.rows),
		theme,
		...size,
		// A clock on which every frame is late, so that the next one follows at once.
		nowMs: () => {
			wallMs += 1_000;
			return wallMs;
		},
		onQuit() {},
		onSuspend() {},
		onCrash,
	});
}
