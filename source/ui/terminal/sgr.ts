/**
 * Text styles as small numbers. A style is the set of SGR parameters in force for a cell (ECMA-48 8.3.117), kept in one
 * canonical order so that equal looks have equal numbers; number 0 is the terminal's default.
 */

type Group = 'bold' | 'dim' | 'italic' | 'underline' | 'inverse' | 'strike' | 'foreground' | 'background';

const groups: readonly Group[] = [
	'bold',
	'dim',
	'italic',
	'underline',
	'inverse',
	'strike',
	'foreground',
	'background',
];

const offCode: Readonly<Record<Group, string>> = {
	bold: '22',
	dim: '22',
	italic: '23',
	underline: '24',
	inverse: '27',
	strike: '29',
	foreground: '39',
	background: '49',
};

const onGroup = new Map<number, Group>([
	[1, 'bold'],
	[2, 'dim'],
	[3, 'italic'],
	[4, 'underline'],
	[7, 'inverse'],
	[9, 'strike'],
]);

type Parts = Partial<Record<Group, string>>;

function applyParameters(before: Parts, parameters: string): Parts {
	let parts = {...before};
	const codes = parameters === '' ? ['0'] : parameters.split(';');
	for (let index = 0; index < codes.length; index++) {
		const code = Number(codes[index]);
		const on = onGroup.get(code);
		if (code === 0) {
			parts = {};
		} else if (on) {
			parts[on] = String(code);
		} else if (code === 38 || code === 48) {
			const length = codes[index + 1] === '5' ? 3 : 5;
			parts[code === 38 ? 'foreground' : 'background'] = codes.slice(index, index + length).join(';');
			index += length - 1;
		} else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
			parts.foreground = String(code);
		} else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) {
			parts.background = String(code);
		} else {
			for (const group of groups) {
				if (offCode[group] === String(code)) {
					delete parts[group];
				}
			}
		}
	}
	return parts;
}

// The two ends of a change of style, so that only what differs is sent.
function changes(from: Parts, to: Parts): string[] {
	const codes: string[] = [];
	const removed = groups.filter(group => from[group] !== undefined && to[group] === undefined);
	const off = new Set(removed.map(group => offCode[group]));
	codes.push(...off);
	for (const group of groups) {
		const value = to[group];
		// Code 22 ends bold and dim alike: what stays must be said again.
		const undone = off.has(offCode[group]);
		if (value !== undefined && (value !== from[group] || undone)) {
			codes.push(value);
		}
	}
	return codes;
}

export type StyleTable = {
	/** The number of the style that `parameters` (as between `CSI` and `m`) make of a default cell. */
	of(parameters: string): number;
	/** The number of the style after `parameters` in style `before`. */
	after(before: number, parameters: string): number;
	/** The shortest escape sequence from one style to another; empty when they are the same. */
	change(from: number, to: number): string;
};

/** Numbers are given as styles are first seen; a screen has a few dozen. */
export function createStyleTable(): StyleTable {
	const styles: Parts[] = [{}];
	const numbers = new Map<string, number>([['', 0]]);
	const afters = new Map<string, number>();
	const sequences = new Map<number, string>();

	const numberOf = (parts: Parts): number => {
		const key = groups.map(group => parts[group] ?? '').join('|');
		const name = key === '|||||||' ? '' : key;
		let number = numbers.get(name);
		if (number === undefined) {
			number = styles.length;
			if (number > 0xffff) {
				throw new RangeError('more than 65535 text styles: something makes a new colour for every frame');
			}
			styles.push(parts);
			numbers.set(name, number);
		}
		return number;
	};

	const after = (before: number, parameters: string): number => {
		const key = `${before}|${parameters}`;
		let number = afters.get(key);
		if (number === undefined) {
			number = numberOf(applyParameters(styles[before]!, parameters));
			afters.set(key, number);
		}
		return number;
	};

	return {
		of: parameters => (parameters === '' ? 0 : after(0, parameters)),
		after,
		change(from, to) {
			if (from === to) return '';
			const key = from * 0x1_0000 + to;
			let sequence = sequences.get(key);
			if (sequence === undefined) {
				const target = styles[to]!;
				const codes = groups.map(group => target[group]).filter(code => code !== undefined);
				const fresh = `\u001B[${['', ...codes].join(';')}m`;
				const changed = `\u001B[${changes(styles[from]!, target).join(';')}m`;
				sequence = changed.length < fresh.length ? changed : fresh;
				sequences.set(key, sequence);
			}
			return sequence;
		},
	};
}
