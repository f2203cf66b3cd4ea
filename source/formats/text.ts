/**
 * What all text formats share: errors that name file and line, a cursor over lines, and hexadecimal as Linux prints it.
 * The files are those of a 32-bit kernel; what is parsed may also come from a 64-bit one.
 */

/** A text that is not in the format that its path promises. */
export class FormatError extends Error {
	constructor(file: string, line: number, expected: string, got: string) {
		super(`${file}, line ${line}: expected ${expected}, got ${JSON.stringify(got)}`);
		this.name = 'FormatError';
	}
}

/** Lower-case hexadecimal without prefix, zero-padded: printf's `%0<digits>lx`. */
export function hex(value: number, digits = 1): string {
	return value.toString(16).padStart(digits, '0');
}

/** A number as C writes it in hexadecimal: `0x6a31`. */
export function prefixedHex(value: number): string {
	return `0x${hex(value)}`;
}

/** A virtual, physical or bus address as `%08lx`. */
export function address(value: number): string {
	return hex(value, 8);
}

/** Whole microseconds, as files give times. */
export const micros = (ns: number): number => Math.floor(ns / 1000);

/** Microseconds as `seconds.micros`, the way printk and ftrace stamp: `%5lu.%06lu` with `secondsWidth` 5. */
export function seconds(timeUs: number, secondsWidth = 1): string {
	const whole = Math.floor(timeUs / 1e6);
	return `${String(whole).padStart(secondsWidth)}.${String(timeUs - whole * 1e6).padStart(6, '0')}`;
}

/** The inverse of `seconds`, without going through a fraction that a double could round. */
export function parseSeconds(text: string): number {
	const point = text.indexOf('.');
	return Number(text.slice(0, point)) * 1e6 + Number(text.slice(point + 1));
}

/**
 * A line that its record keeps as it stands: its format does not know it, or a double does not hold its number. It
 * stands at `line` of the file, counted from 0.
 */
type KeptLine = {readonly line: number; readonly text: string};

/** The lines that a record keeps; absent where there are none. */
export type WithKept = {readonly kept?: readonly KeptLine[]};

/**
 * Joins lines, each ended by a newline; no lines give an empty file.
 *
 * @param kept lines that stand among these, in their order; one whose number is past the end comes last
 */
export function joinLines(lines: readonly string[], kept: readonly KeptLine[] = []): string {
	const all: string[] = [];
	let next = 0;
	for (const {line, text} of kept) {
		const end = Math.min(lines.length, next + Math.max(0, line - all.length));
		for (; next < end; next++) all.push(lines[next]!);
		all.push(text);
	}
	for (; next < lines.length; next++) all.push(lines[next]!);
	return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

/** A counter of a 64-bit kernel that has wrapped, for instance: it would be rounded, and shown as what it is not. */
const isTooLarge = (group: string) => group.length >= 16 && /^\d+$/.test(group) && !Number.isSafeInteger(Number(group));

/** Walks a text line by line; every failure names the file and the line where it happened. */
export class Lines {
	readonly #file: string;
	readonly #lines: readonly string[];
	readonly #before: number;
	readonly #kept: KeptLine[] = [];
	#index = 0;

	/**
	 * The last line may lack its newline.
	 *
	 * @param before lines of the file that come before this text
	 */
	constructor(file: string, text: string, before = 0) {
		this.#file = file;
		this.#before = before;
		const ended = text.endsWith('\n') ? text.slice(0, -1) : text;
		this.#lines = text === '' ? [] : ended.split('\n');
	}

	get done(): boolean {
		return this.#index >= this.#lines.length;
	}

	/** The current line without consuming it, or undefined at the end. */
	peek(): string | undefined {
		return this.#lines[this.#index];
	}

	/** Consumes the current line. @throws FormatError at the end of the text */
	next(expected = 'a further line'): string {
		const line = this.#lines[this.#index];
		if (line === undefined) this.fail(expected);
		this.#index += 1;
		return line;
	}

	/**
	 * Consumes a line that matches, answering its groups (an absent group is '').
	 *
	 * @param anySize whether a group may be a number that a double does not hold exactly
	 * @throws FormatError
	 */
	match(pattern: RegExp, expected: string, anySize = false): string[] {
		const groups = this.tryMatch(pattern, anySize);
		if (groups === undefined) this.fail(expected);
		return groups;
	}

	/** Consumes a line if it matches, else answers undefined and stays. @throws FormatError for too large a number */
	tryMatch(pattern: RegExp, anySize = false): string[] | undefined {
		const line = this.#lines[this.#index];
		const found = line === undefined ? null : pattern.exec(line);
		if (found === null) return undefined;
		const groups = found.slice(1).map(group => group ?? '');
		if (!anySize && groups.some(isTooLarge)) this.fail('numbers below 2^53');
		this.#index += 1;
		return groups;
	}

	/**
	 * Consumes a line of this pattern and keeps it as it stands, with numbers of any size.
	 *
	 * @returns whether there was one
	 */
	tryKeep(pattern: RegExp): boolean {
		const text = this.#lines[this.#index];
		if (text === undefined || !pattern.test(text)) return false;
		this.#kept.push({line: this.#index, text});
		this.#index += 1;
		return true;
	}

	/** The same for a line that matches and has a number that a double does not hold exactly. */
	tryKeepLarge(pattern: RegExp): boolean {
		const found = pattern.exec(this.#lines[this.#index] ?? '');
		return found?.slice(1).some(group => group !== undefined && isTooLarge(group)) === true && this.tryKeep(pattern);
	}

	/** The lines that were kept, as a record has them. */
	get kept(): WithKept {
		return this.#kept.length === 0 ? {} : {kept: this.#kept};
	}

	/** Consumes exactly this line. @throws FormatError */
	expect(line: string): void {
		if (this.#lines[this.#index] !== line) this.fail(JSON.stringify(line));
		this.#index += 1;
	}

	/** Consumes a line through a reader that throws a sentence saying what it expected. @throws FormatError */
	read<T>(reader: (line: string) => T, expected?: string): T {
		const line = this.next(expected);
		try {
			return reader(line);
		} catch (error) {
			this.#index -= 1;
			if (error instanceof CellError) this.fail(error.message);
			throw error;
		}
	}

	fail(expected: string): never {
		throw new FormatError(
			this.#file,
			this.#before + this.#index + 1,
			expected,
			this.#lines[this.#index] ?? 'the end of the file',
		);
	}
}

/** What a cell's reader throws; `Lines.read` adds the place. The message completes "expected …". */
export class CellError extends Error {}

/**
 * A reader that gives the same record again for a text that it has read lately: from one sample to the next most lines
 * of a file stay as they are. For readers whose record follows from the text alone and is never changed.
 *
 * @param read may take more that only its errors depend on
 * @param remembered texts, at least; at most twice as many. A line of a file keeps the file's whole text in memory
 */
export function remembering<T, Rest extends unknown[]>(
	read: (text: string, ...rest: Rest) => T,
	remembered = 128,
): (text: string, ...rest: Rest) => T {
	let older = new Map<string, T>();
	let newer = new Map<string, T>();
	return (text, ...rest) => {
		let record = newer.get(text);
		if (record === undefined) {
			record = older.get(text) ?? read(text, ...rest);
			if (newer.size >= remembered) {
				older = newer;
				newer = new Map();
			}
			newer.set(text, record);
		}
		return record;
	};
}
