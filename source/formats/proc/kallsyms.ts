/**
 * /proc/kallsyms: names of the kernel's functions and variables, and of the modules'. kernel/kallsyms.c s_show(), the
 * same from 2.6.11 to 6.18.
 */
import {joinLines, Lines} from '../text.ts';

type KallsymsLine = {
	readonly address: number;
	/** `T` code, `D` data …; in small letters where only its own module uses it. */
	readonly type: string;
	readonly name: string;
	/** null for the kernel itself. */
	readonly module: string | null;
};

type Kallsyms = {readonly symbols: readonly KallsymsLine[]};

export function formatKallsyms({symbols}: Kallsyms): string {
	return joinLines(
		symbols.map(({address, type, name, module}) => {
			const line = `${address.toString(16).padStart(8, '0')} ${type} ${name}`;
			return module === null ? line : `${line}\t[${module}]`;
		}),
	);
}

/** @throws FormatError */
export function parseKallsyms(text: string): Kallsyms {
	const lines = new Lines('kallsyms', text);
	const symbols: KallsymsLine[] = [];
	while (!lines.done) {
		const found = lines.tryMatch(/^([0-9a-f]+) (\S) (\S+)(?:\t\[(\S+)\])?$/);
		if (!found) return lines.fail('a symbol');
		const [address = '', type = '', name = '', module = ''] = found;
		symbols.push({address: Number.parseInt(address, 16), type, name, module: module === '' ? null : module});
	}
	return {symbols};
}
