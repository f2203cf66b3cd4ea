/**
 * Pictures of real screens for the README: `npm run pictures` writes docs/screens/*.svg. A machine runs in this
 * process, a monitor watches it, and a terminal emulator says what each cell looks like at the end.
 */

import {mkdir, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import type {IBufferCell, Terminal as TerminalType} from '@xterm/headless';
import {bootLab} from '../source/lab/lab.ts';
import {embeddedMachine} from '../source/target/embedded.ts';
import {runHeadless} from '../source/target/headless.ts';
import type {Target} from '../source/target/target.ts';
import type {WallClock} from '../source/target/wallClock.ts';
import {startMonitor} from '../source/ui/monitor.tsx';
import {createScreen} from '../source/ui/terminal/screen.ts';
import {createTheme, type ThemeName} from '../source/ui/terminal/theme.ts';

const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof TerminalType};

type Picture = {
	readonly name: string;
	readonly theme: ThemeName;
	readonly columns: number;
	readonly rows: number;
	/** Pressed one after the other, each after this many samples of 100 ms of the machine's time. */
	readonly keys: readonly (readonly [key: string, samples: number])[];
};

const pictures: readonly Picture[] = [
	{
		name: 'overview-dark',
		theme: 'dark',
		columns: 120,
		rows: 40,
		keys: [
			['m', 6],
			['enter', 4],
			['enter', 12],
		],
	},
	{
		name: 'overview-light',
		theme: 'light',
		columns: 120,
		rows: 40,
		keys: [
			['d', 6],
			['enter', 12],
		],
	},
	{
		name: 'small',
		theme: 'dark',
		columns: 80,
		rows: 24,
		keys: [
			['1', 2],
			['2', 30],
		],
	},
	{
		name: 'wide-dark',
		theme: 'dark',
		columns: 200,
		rows: 60,
		keys: [
			['d', 15],
			['3', 2],
			['down', 4],
		],
	},
	{name: 'help', theme: 'dark', columns: 120, rows: 40, keys: [['?', 30]]},
];

const warmSamples = 8;
const sampleMs = 100;
/** The machine has lived this long when the picture is taken. */
const bootMs = 5_000;

const cellWidth = 8;
const cellHeight = 17;

// The 256 colours of a terminal: a cube of 6x6x6 and a ramp of greys behind the 16 basic ones, which no theme here
// uses.
function rgb(index: number): string {
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return `rgb(${grey},${grey},${grey})`;
	}
	const at = index - 16;
	const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
	return `rgb(${level(Math.floor(at / 36))},${level(Math.floor(at / 6) % 6)},${level(at % 6)})`;
}

const papers = {dark: ['#16181d', '#d6d8dd'], light: ['#fbfbf8', '#26282c']} as const;

const escaped = (text: string): string => text.replace(/[&<>]/g, sign => `&#${sign.charCodeAt(0)};`);

type Look = {readonly foreground: string; readonly background: string | undefined; readonly attributes: string};

function lookOf(cell: IBufferCell, paper: string, ink: string): Look {
	const own = cell.isFgDefault() ? ink : rgb(cell.getFgColor());
	const under = cell.isBgDefault() ? undefined : rgb(cell.getBgColor());
	const attributes = [
		cell.isBold() ? ' font-weight="bold"' : '',
		cell.isUnderline() ? ' text-decoration="underline"' : '',
		cell.isStrikethrough() ? ' text-decoration="line-through"' : '',
		cell.isDim() ? ' opacity="0.6"' : '',
	].join('');
	return cell.isInverse()
		? {foreground: under ?? paper, background: own, attributes}
		: {foreground: own, background: under, attributes};
}

const isSame = (a: Look, b: Look): boolean =>
	a.foreground === b.foreground && a.background === b.background && a.attributes === b.attributes;

/** Lines of frames and gauges, drawn from edge to edge of a cell: a font's own leave gaps between rows. */
const strokes: Readonly<Record<string, string>> = {
	'─': 'h8',
	'━': 'h8',
	'│': 'm4 -8.5v17',
	'┌': 'm8 0h-4v8.5',
	'┐': 'h4v8.5',
	'└': 'm8 0h-4v-8.5',
	'┘': 'h4v-8.5',
};

function strokeSvg(text: string, x: number, row: number, {foreground, attributes}: Look): string {
	const path = [...text].flatMap((character, index) => {
		const stroke = strokes[character];
		return stroke ? [`M${x + index * cellWidth} ${row * cellHeight + 8.5}${stroke}`] : [];
	});
	const width = text.includes('━') ? 3 : 1;
	return path.length === 0
		? ''
		: `<path d="${path.join('').replace(/h8M\d+ [\d.]+(?=h8)/g, 'h8')}" fill="none" ` +
				`stroke="${foreground}" stroke-width="${width}"${attributes}/>`;
}

function rowSvg(terminal: TerminalType, row: number, paper: string, ink: string): string {
	const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)!;
	const parts: string[] = [];
	for (let column = 0; column < terminal.cols; ) {
		const look = lookOf(line.getCell(column)!, paper, ink);
		let text = '';
		const begin = column;
		while (column < terminal.cols && isSame(look, lookOf(line.getCell(column)!, paper, ink))) {
			text += line.getCell(column)!.getChars() || ' ';
			column++;
		}
		const x = begin * cellWidth;
		const width = (column - begin) * cellWidth;
		if (look.background) {
			parts.push(
				`<rect x="${x}" y="${row * cellHeight}" width="${width}" height="${cellHeight}" fill="${look.background}"/>`,
			);
		}
		parts.push(strokeSvg(text, x, row, look));
		text = text.replace(/[─━│┌┐└┘]/g, ' ');
		if (text.trim() !== '') {
			// The length is said so that the grid holds whatever font a viewer has.
			parts.push(
				`<text x="${x}" y="${row * cellHeight + 13}" textLength="${width}" ` +
					`fill="${look.foreground}"${look.attributes}>${escaped(text)}</text>`,
			);
		}
	}
	return parts.join('');
}

function svgOf(terminal: TerminalType, theme: ThemeName): string {
	const [paper, ink] = papers[theme === 'light' ? 'light' : 'dark'];
	const [width, height] = [terminal.cols * cellWidth, terminal.rows * cellHeight];
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans ` +
			`Mono, Menlo, Consolas, monospace" font-size="13.29" xml:space="preserve">`,
		`<rect width="${width}" height="${height}" fill="${paper}"/>`,
		...Array.from({length: terminal.rows}, (_, row) => rowSvg(terminal, row, paper, ink)),
		'</svg>\n',
	].join('\n');
}

async function take({theme: name, columns, rows, keys}: Picture): Promise<string> {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	// Time passes with the samples, and a state that is shown stays until Enter.
	let machineMs = bootMs;
	const wall: WallClock = {nowMs: () => machineMs, setTimer: () => () => {}};
	const lab = bootLab({pace: 'manual'});
	runHeadless(lab, bootMs * 1e6);
	const machine = embeddedMachine(lab, 'lab', wall);
	const client = machine.client('monitor');
	let asked = 0;
	let onSample: (() => void) | undefined;
	const target: Target = {
		...client,
		sample(request) {
			asked++;
			onSample?.();
			machineMs += sampleMs;
			return client.sample(request);
		},
	};
	const theme = createTheme(name, true);
	let wallMs = 0;
	const monitor = startMonitor({
		target,
		theme,
		columns,
		rows,
		screen: createScreen((bytes, done) => terminal.write(bytes, done), theme, columns, rows),
		// Each sample is late, so that the next one follows at once; marks fade as fast as on a running machine.
		nowMs: () => {
			wallMs += 50;
			return wallMs;
		},
		onQuit() {},
		onSuspend() {},
		onCrash(error) {
			throw error;
		},
	});
	const samples = (count: number): Promise<void> =>
		new Promise(resolve => {
			const last = asked + count;
			onSample = () => {
				if (asked >= last) resolve();
			};
		});
	await samples(warmSamples);
	for (const [key, count] of keys) {
		monitor.press(key);
		await samples(count);
	}
	monitor.stop();
	machine.stop();
	return svgOf(terminal, name);
}

const directory = join(import.meta.dirname, '../docs/screens');
await mkdir(directory, {recursive: true});
for (const picture of pictures) {
	await writeFile(join(directory, `${picture.name}.svg`), await take(picture));
	console.log(`docs/screens/${picture.name}.svg`);
}
process.exit();
