/** /proc/<pid>/limits: fs/proc/base.c proc_pid_limits(), 2.6.24 and later. */
import {joinLines, Lines} from '../text.ts';

type Limit = {
	readonly name: string;
	/** Undefined for unlimited. */
	readonly soft: number | undefined;
	readonly hard: number | undefined;
	readonly unit: string;
};

type Limits = {readonly limits: readonly Limit[]};

const line = (name: string, soft: string, hard: string, unit: string) =>
	`${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit === '' ? '' : unit.padEnd(10)}`;

const amount = (value: number | undefined): string => (value === undefined ? 'unlimited' : String(value));

export const formatLimits = ({limits}: Limits): string =>
	joinLines([
		line('Limit', 'Soft Limit', 'Hard Limit', 'Units'),
		...limits.map(({name, soft, hard, unit}) => line(name, amount(soft), amount(hard), unit)),
	]);

const parseAmount = (text: string): number | undefined => (text === 'unlimited' ? undefined : Number(text));

/** @throws FormatError */
export function parseLimits(text: string): Limits {
	const lines = new Lines('limits', text);
	lines.match(/^Limit .*$/, 'the heading');
	const limits: Limit[] = [];
	while (!lines.done) {
		const [name, soft, hard, unit] = lines.match(/^(.{25}) (\S+) +(\S+) *(\S*) *$/, 'name soft hard unit');
		limits.push({name: name!.trimEnd(), soft: parseAmount(soft!), hard: parseAmount(hard!), unit: unit!});
	}
	return {limits};
}
