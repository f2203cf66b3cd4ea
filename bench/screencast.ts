/**
 * What mmtop is like, in forty seconds: `npm run pictures` writes docs/screens/tour.cast (asciicast v2, for asciinema)
 * and docs/screens/tour.svg (a strip of frames that CSS moves, for a browser). The machine's time and the viewer's are
 * the script's, so the same bytes come out each time.
 */

import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {Key} from '../source/ui/terminal/sequences.ts';
import {cellHeight, cellWidth, papersOf, rowParts, svgAround} from './cellsSvg.ts';
import {type Film, startFilm} from './film.ts';

const [columns, rows] = [120, 40];
const theme = 'dark';
const frameMs = 100;
/** Of a machine that lives the strip has a frame so often; after a key it has one at once, and one for what follows. */
const stripMs = 1500;
const answeredMs = 300;

type Act = {
	/** Typed one after the other. */
	readonly keys: readonly Key[];
	/** Under the screen while it is there. */
	readonly says: string;
	/** How long it stays. */
	readonly ms: number;
};

const acts: readonly Act[] = [
	{keys: [], says: 'a machine that lives by itself: maps, page frames, kmap_atomic, DMA, I/O, the trace', ms: 3000},
	{keys: ['m'], says: 'm: a program maps a device. The banner tells the story, and waits for a reader', ms: 6000},
	{keys: ['enter'], says: 'Enter: the next step. mremap() made the area longer', ms: 4500},
	{keys: ['down'], says: '↓ selects what the story is about', ms: 1500},
	{keys: ['8', 'z'], says: '8 z: its address, through the page tables, to every other kind of address', ms: 6000},
	{keys: ['z', '1', 'enter'], says: '1 Enter: the row, field by field, and what made it', ms: 5500},
	{keys: ['escape', 'escape', 'escape'], says: 'Esc: the story runs to its end', ms: 2500},
	{keys: [':', ...'pin-leak', 'enter'], says: ': finds every experiment. This driver forgets a page', ms: 4000},
	{keys: ['escape'], says: 'Esc: let it run', ms: 1500},
	{keys: ['0', 'down'], says: '0: what is wrong on this machine', ms: 3000},
	{keys: ['enter'], says: 'Enter: who, since when, and the call behind it', ms: 4000},
];

/** A picture of the strip: numbers of its rows among all rows that were ever shown, and how long it stays. */
type StripFrame = {readonly rows: readonly number[]; readonly says: string; ms: number};

class Recorder {
	readonly #film: Film;
	/** Rows that were ever shown, each by its elements. */
	readonly #drawnRows: (readonly string[])[] = [];
	readonly #rowNumbers = new Map<string, number>();
	readonly #events: string[] = [];
	readonly #strip: StripFrame[] = [];
	#nowMs = 0;

	constructor(film: Film) {
		this.#film = film;
	}

	mark(says: string): void {
		this.#event('m', says);
	}

	/** A frame that stays for so long. @param isCut whether the strip has it, too */
	async frame(says: string, ms: number, isCut: boolean): Promise<void> {
		const bytes = await this.#film.draw();
		if (bytes !== '') this.#event('o', bytes);
		const last = this.#strip.at(-1);
		if (isCut || !last) this.#cut(says, ms);
		else last.ms += ms;
		this.#nowMs += ms;
	}

	/** A new frame of the strip, unless the last one shows the same. */
	#cut(says: string, ms: number): void {
		const last = this.#strip.at(-1);
		const shown = this.#rows();
		if (last && isDeepStrictEqual([last.rows, last.says], [shown, says])) last.ms += ms;
		else this.#strip.push({rows: shown, says, ms});
	}

	#event(code: 'o' | 'm', text: string): void {
		this.#events.push(JSON.stringify([this.#nowMs / 1000, code, text]));
	}

	#rows(): readonly number[] {
		return Array.from({length: rows}, (_, row) => {
			const parts = rowParts(this.#film.terminal, row, theme);
			const key = parts.join('');
			const number = this.#rowNumbers.get(key) ?? this.#drawnRows.push(parts) - 1;
			this.#rowNumbers.set(key, number);
			return number;
		});
	}

	cast(): string {
		const title = 'mmtop: memory management and DMA of Linux, watched';
		const header = {version: 2, width: columns, height: rows, title, env: {TERM: 'xterm-256color'}};
		const hidden = JSON.stringify([0, 'o', '\u001B[?25l']);
		return `${[JSON.stringify(header), hidden, ...this.#events].join('\n')}\n`;
	}

	/** Elements and rows by name, for frames to use. What only one row has stands in it. */
	#definitions(): readonly string[] {
		const counts = new Map<string, number>();
		for (const part of this.#drawnRows.flat()) counts.set(part, (counts.get(part) ?? 0) + 1);
		const names = new Map<string, string>();
		for (const [part, count] of counts) if (count > 1) names.set(part, `p${names.size.toString(36)}`);
		const use = (part: string): string => {
			const name = names.get(part);
			return name === undefined ? part : `<use href="#${name}"/>`;
		};
		return [
			...[...names].map(([part, name]) => part.replace(/^<\w+/, `$& id="${name}"`)),
			...this.#drawnRows.map((parts, number) => `<g id="r${number}">${parts.map(use).join('')}</g>`),
		];
	}

	svg(): string {
		const [width, height] = [columns * cellWidth, (rows + 2) * cellHeight];
		const [paper, ink] = papersOf(theme);
		const totalMs = this.#strip.reduce((sum, {ms}) => sum + ms, 0);
		let atMs = 0;
		const steps = this.#strip.map(({ms}, index) => {
			const step = `${((atMs / totalMs) * 100).toFixed(3)}%{transform:translateX(${-index * width}px)}`;
			atMs += ms;
			return step;
		});
		const caption = (says: string): string =>
			`<text x="${cellWidth}" y="${(rows + 1) * cellHeight + 9}" fill="${ink}" font-weight="bold">${says}</text>`;
		return svgAround(width, height, theme, [
			`<style>@keyframes strip{${steps.join('')}}.strip{animation:strip ${totalMs}ms step-end infinite}` +
				'.strip rect{shape-rendering:crispEdges}</style>',
			'<defs>',
			...this.#definitions(),
			'</defs>',
			'<g class="strip">',
			...this.#strip.map(({rows: numbers, says}, index) => {
				const uses = numbers.map((number, row) => `<use href="#r${number}" y="${row * cellHeight}"/>`);
				return `<svg x="${index * width}" width="${width}" height="${height}">${uses.join('')}${caption(says)}</svg>`;
			}),
			'</g>',
			`<path d="M0 ${rows * cellHeight + 4}h${width}" stroke="${ink}" stroke-opacity="0.3" fill="${paper}"/>`,
		]);
	}
}

/** How fast letters are typed, in frames. */
const typingFrames = 2;

async function play(film: Film, recorder: Recorder): Promise<void> {
	const {reader} = film;
	for (const {keys, says, ms} of acts) {
		recorder.mark(says);
		for (const [index, key] of keys.entries()) {
			await reader.press(key);
			for (let frame = 0; frame < (index === keys.length - 1 ? 1 : typingFrames); frame++) {
				if (frame > 0) await reader.frames(1);
				await recorder.frame(says, frameMs, frame === 0);
			}
		}
		for (let passedMs = 0; passedMs < ms; passedMs += frameMs) {
			await reader.frames(1);
			const isCut = passedMs > 0 && (passedMs % stripMs === 0 || (passedMs === answeredMs && keys.length > 0));
			await recorder.frame(says, frameMs, isCut);
		}
	}
}

const film = await startFilm({lab: {pace: 'manual'}, ageMs: 5_000, theme, columns, rows});
const recorder = new Recorder(film);
await play(film, recorder);
film.reader.stop();
const directory = join(import.meta.dirname, '../docs/screens');
for (const [name, text] of Object.entries({'tour.cast': recorder.cast(), 'tour.svg': recorder.svg()})) {
	await writeFile(join(directory, name), text);
	console.log(`docs/screens/${name}: ${Math.ceil(text.length / 1024)} KiB`);
}
