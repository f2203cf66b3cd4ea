import {createRequire} from 'node:module';
import type {Terminal as TerminalType} from '@xterm/headless';

// The package is CommonJS; its types describe named exports that Node does not see.
const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof TerminalType};

export type HeadlessTerminal = {
	write(bytes: string): Promise<void>;
	resize(columns: number, rows: number): void;
	/** Each row as text, trailing blanks cut. */
	text(): string[];
	/** Each cell as its character with the colours and attributes that it is shown with. */
	cells(): string[][];
};

/** What a terminal shows in each cell: its character, attributes and colours. */
export function cellsOf(terminal: TerminalType): string[][] {
	const buffer = terminal.buffer.active;
	// Tens of thousands of cells are looked at: one object is all of them in turn.
	const cell = buffer.getNullCell();
	return Array.from({length: terminal.rows}, (_, row) => {
		const line = buffer.getLine(buffer.baseY + row)!;
		return Array.from({length: terminal.cols}, (_, column) => {
			line.getCell(column, cell);
			const attributes = [
				cell.isBold(),
				cell.isDim(),
				cell.isItalic(),
				cell.isUnderline(),
				cell.isInverse(),
				cell.isStrikethrough(),
			];
			const colours = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
			const character = cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
			return `${character}|${attributes.map(Number).join('')}|${colours.join(',')}`;
		});
	});
}

export function createHeadlessTerminal(columns: number, rows: number): HeadlessTerminal {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	// As in use: the alternate screen, whose lines are not broken anew when the terminal is resized.
	terminal.write('\u001B[?1049h');
	const line = (row: number) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)!;
	return {
		write: bytes => new Promise(resolve => terminal.write(bytes, resolve)),
		resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
		text: () => Array.from({length: terminal.rows}, (_, row) => line(row).translateToString(true).trimEnd()),
		cells: () => cellsOf(terminal),
	};
}
