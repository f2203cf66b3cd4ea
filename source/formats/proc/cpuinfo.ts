/**
 * /proc/cpuinfo: arch/i386/kernel/cpu/proc.c, arch/x86/kernel/cpu/proc.c. `label\t: value` lines, an empty line behind
 * each processor.
 */
import {Lines} from '../text.ts';

/** The rows of a processor by their labels, in the order of the file. */
type CpuinfoProcessor = Readonly<Record<string, string>>;
type Cpuinfo = {readonly processors: readonly CpuinfoProcessor[]};

/** Linux puts two tabs behind labels of less than eight letters. */
const lineOf = (label: string, value: string) => `${label}${label.length < 8 ? '\t\t' : '\t'}: ${value}`;

export const formatCpuinfo = ({processors}: Cpuinfo): string =>
	processors
		.map(
			rows =>
				`${Object.entries(rows)
					.map(([label, value]) => lineOf(label, value))
					.join('\n')}\n\n`,
		)
		.join('');

/** @throws FormatError */
export function parseCpuinfo(text: string): Cpuinfo {
	const lines = new Lines('cpuinfo', text);
	const processors: Record<string, string>[] = [];
	let rows: Record<string, string> = {};
	while (!lines.done) {
		const [label = '', value = ''] = lines.match(/^(?:([^\t]+)\t+: (.*))?$/, 'label: value, or nothing');
		if (label !== '') rows[label] = value;
		else {
			processors.push(rows);
			rows = {};
		}
	}
	return {processors};
}
