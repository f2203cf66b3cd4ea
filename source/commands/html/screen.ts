/** Text with SGR sequences, as a theme of 256 colours makes it, as HTML. */
import {escapeHtml} from './page.ts';

const hex = (...parts: readonly number[]): string =>
	`#${parts.map(each => each.toString(16).padStart(2, '0')).join('')}`;

/** The colours of a terminal behind the 16 basic ones: a cube of 6x6x6 and a ramp of greys. */
function colour(index: number): string {
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return hex(grey, grey, grey);
	}

	const at = Math.max(0, index - 16);
	const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
	return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

type Look = {
	readonly ink?: string | undefined;
	readonly paper?: string | undefined;
	readonly bold?: boolean;
	readonly dim?: boolean;
	readonly underline?: boolean;
	readonly strike?: boolean;
	readonly inverse?: boolean;
};

/** What each parameter of SGR changes; those of 256 colours have two more. */
const changes: Readonly<Record<number, Look>> = {
	1: {bold: true},
	2: {dim: true},
	4: {underline: true},
	7: {inverse: true},
	9: {strike: true},
	22: {bold: false, dim: false},
	24: {underline: false},
	27: {inverse: false},
	29: {strike: false},
	39: {ink: undefined},
	49: {paper: undefined},
};

function changed(look: Look, parameters: readonly number[]): Look {
	let now = look;
	for (let at = 0; at < parameters.length; at++) {
		const code = parameters[at]!;
		if (code === 0) now = {};
		else if ((code === 38 || code === 48) && parameters[at + 1] === 5) {
			now = {...now, [code === 38 ? 'ink' : 'paper']: colour(parameters[at + 2] ?? 0)};
			at += 2;
		} else now = {...now, ...changes[code]};
	}
	return now;
}

const channelsOf = (colour: string): readonly number[] =>
	[1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16));

/** @param tenths how much of the other colour there is, 0 to 10 */
function mixed(colour: string, other: string, tenths: number): string {
	const others = channelsOf(other);
	return hex(...channelsOf(colour).map((each, at) => Math.round((each * (10 - tenths) + others[at]! * tenths) / 10)));
}

/** Relative luminance, 0 to 1, as WCAG 2.2 defines it. */
function luminance(colour: string): number {
	const [red = 0, green = 0, blue = 0] = channelsOf(colour).map(each => {
		const share = each / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG asks for so much between letters and their ground. */
const leastContrast = 4.5;

/** The colour, or one nearer to white or black that can be read on the ground. */
function legible(ink: string, paper: string): string {
	const under = luminance(paper);
	const end = under < 0.18 ? '#ffffff' : '#000000';
	for (let tenths = 0; tenths < 10; tenths++) {
		const tried = mixed(ink, end, tenths);
		const over = luminance(tried);
		if ((Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05) >= leastContrast) return tried;
	}
	return end;
}

/** Declarations of CSS; empty where it looks as what is around it. @param ground of the whole screen */
function css({ink, paper, bold, dim, underline, strike, inverse}: Look, ground: Ground): string {
	const [own, under] = inverse ? [paper ?? ground.paper, ink ?? ground.ink] : [ink, paper];
	const ownInk = own ?? ground.ink;
	const over = legible(dim ? mixed(ownInk, under ?? ground.paper, 3) : ownInk, under ?? ground.paper);
	const lines = [underline ? 'underline' : '', strike ? 'line-through' : ''].filter(each => each !== '');
	return [
		over === ground.ink ? '' : `color:${over}`,
		under === undefined ? '' : `background:${under}`,
		bold ? 'font-weight:700' : '',
		lines.length === 0 ? '' : `text-decoration:${lines.join(' ')}`,
	]
		.filter(each => each !== '')
		.join(';');
}

/** Colours of what has none of its own. */
type Ground = {readonly paper: string; readonly ink: string};

/** Classes that stand for looks, so that each is written once. */
export class Looks {
	readonly #prefix: string;
	readonly #ground: Ground;
	readonly #names = new Map<string, string>();

	/** @param prefix of the names of the classes */
	constructor(prefix: string, ground: Ground) {
		this.#prefix = prefix;
		this.#ground = ground;
	}

	/** Rules for all looks that were met so far. */
	get style(): string {
		const {paper, ink} = this.#ground;
		const rules = [...this.#names].map(([rule, name]) => `.${name}{${rule}}`);
		return [`.${this.#prefix}{background:${paper};color:${ink}}`, ...rules].join('\n');
	}

	/** @param text with SGR sequences and no other ones */
	html(text: string): string {
		let look: Look = {};
		return text
			.split(/\x1b\[([\d;]*)m/)
			.map((part, index) => {
				if (index % 2 === 0) return this.#span(part, look);
				look = changed(look, part.split(';').map(Number));
				return '';
			})
			.join('');
	}

	#span(text: string, look: Look): string {
		if (text === '') return '';
		const rule = css(look, this.#ground);
		if (rule === '') return escapeHtml(text);
		const name = this.#names.get(rule) ?? `${this.#prefix}${this.#names.size}`;
		this.#names.set(rule, name);
		return `<span class="${name}">${escapeHtml(text)}</span>`;
	}
}
