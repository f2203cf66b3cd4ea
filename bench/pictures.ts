/**
 * Pictures of real screens for the README: `npm run pictures` writes docs/screens/*.svg. A machine runs in this
 * process, a monitor watches it, and a terminal emulator says what each cell looks like at the end.
 */

import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {ThemeName} from '../source/ui/terminal/theme.ts';
import {screenSvg} from './cellsSvg.ts';
import {startFilm} from './film.ts';
import {filmPair} from './pairFilm.ts';

type Picture = {
	readonly name: string;
	readonly theme: ThemeName;
	readonly columns: number;
	readonly rows: number;
	/** Pressed one after the other, and how many frames of 100 ms go by after each. */
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
	{
		name: 'findings',
		theme: 'dark',
		columns: 120,
		rows: 40,
		keys: [
			[':', 1],
			...[...'pin-leak'].map(key => [key, 1] as const),
			['enter', 8],
			['escape', 8],
			['0', 2],
			['enter', 2],
			['down', 2],
		],
	},
	{name: 'help', theme: 'dark', columns: 120, rows: 40, keys: [['?', 30]]},
];

/** The machine has lived this long when the first key is pressed. */
const ageMs = 5_000;

/** A state that is shown stays until Enter. */
const pace = 'manual';

async function take({theme, columns, rows, keys}: Picture): Promise<string> {
	const {reader, terminal, draw} = await startFilm({lab: {pace}, ageMs, theme, columns, rows});
	for (const [key, frames] of keys) {
		await reader.press(key);
		await reader.frames(frames);
	}
	await draw();
	reader.stop();
	return screenSvg(terminal, theme);
}

const directory = join(import.meta.dirname, '../docs/screens');
await mkdir(directory, {recursive: true});
for (const picture of pictures) {
	await writeFile(join(directory, `${picture.name}.svg`), await take(picture));
	console.log(`docs/screens/${picture.name}.svg`);
}

const compared = {eras: ['ldd3', '6.18'], ageMs, theme: 'dark', columns: 160, rows: 40, keys: [['m', 60]]} as const;
await writeFile(join(directory, 'compare.svg'), screenSvg(await filmPair(compared), compared.theme));
console.log('docs/screens/compare.svg');
process.exit();
