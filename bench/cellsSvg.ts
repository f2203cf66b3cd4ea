/** Cells of a terminal emulator as SVG, of which a browser draws each where the terminal would. */

import type {IBufferCell, Terminal} from '@xterm/headless';
import type {ThemeName} from '../source/ui/terminal/theme.ts';

export const cellWidth = 8;
export const cellHeight = 17;

const hexOf = (...parts: readonly number[]): string =>
	`#${parts.map(each => each.toString(16).padStart(2, '0')).join('')}`;

// The 256 colours of a terminal: a cube of 6x6x6 and a ramp of greys behind the 16 basic ones, which no theme here
// uses.
function rgb(index: number): string {
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return hexOf(grey, grey, grey);
	}
	const at = index - 16;
	const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
	return hexOf(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

const papers = {dark: ['#16181d', '#d6d8dd'], light: ['#fbfbf8', '#26282c']} as const;

/** The colours of the ground and of what has none of its own. */
export const papersOf = (theme: ThemeName): readonly [paper: string, ink: string] =>
	papers[theme === 'light' ? 'light' : 'dark'];

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

function strokeSvg(text: string, x: number, {foreground, attributes}: Look): string {
	const path = [...text].flatMap((character, index) => {
		const stroke = strokes[character];
		return stroke ? [`M${x + index * cellWidth} 8.5${stroke}`] : [];
	});
	const width = text.includes('━') ? 3 : 1;
	return path.length === 0
		? ''
		: `<path d="${path.join('').replace(/h8M\d+ [\d.]+(?=h8)/g, 'h8')}" fill="none" ` +
				`stroke="${foreground}" stroke-width="${width}"${attributes}/>`;
}

/**
 * The length is said so that the grid holds whatever font a viewer has. Blanks at the ends are left out unless they
 * are underlined, and the others cannot be collapsed: browsers differ in what xml:space means to them.
 */
function textSvg(text: string, x: number, {foreground, attributes}: Look): string {
	const shown = attributes.includes('underline') ? text : text.trim();
	if (shown.trim() === '') return '';
	const left = x + text.indexOf(shown) * cellWidth;
	const words = escaped(shown).replaceAll(' ', '\u00A0');
	return (
		`<text x="${left}" y="13" textLength="${[...shown].length * cellWidth}" fill="${foreground}"${attributes}>` +
		`${words}</text>`
	);
}

/** Elements of a row of the screen, drawn at the top. */
export function rowParts(terminal: Terminal, row: number, theme: ThemeName): readonly string[] {
	const [paper, ink] = papersOf(theme);
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
			parts.push(`<rect x="${x}" width="${width}" height="${cellHeight}" fill="${look.background}"/>`);
		}
		parts.push(strokeSvg(text, x, look));
		parts.push(textSvg(text.replace(/[─━│┌┐└┘]/g, ' '), x, look));
	}
	return parts.filter(part => part !== '');
}

/** The element around what is drawn, with the font and the ground. @param size in pixels */
export const svgAround = (width: number, height: number, theme: ThemeName, inside: readonly string[]): string =>
	[
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans ` +
			`Mono, Menlo, Consolas, monospace" font-size="13.29">`,
		`<rect width="${width}" height="${height}" fill="${papersOf(theme)[0]}"/>`,
		...inside,
		'</svg>\n',
	].join('\n');

/** The whole screen. */
export const screenSvg = (terminal: Terminal, theme: ThemeName): string =>
	svgAround(
		terminal.cols * cellWidth,
		terminal.rows * cellHeight,
		theme,
		Array.from({length: terminal.rows}, (_, row) => {
			const y = row * cellHeight;
			const drawn = rowParts(terminal, row, theme).join('');
			return y === 0 ? drawn : `<g transform="translate(0,${y})">${drawn}</g>`;
		}),
	);
