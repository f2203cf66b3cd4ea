import {readdirSync, readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {formatZoneinfo, parseZoneinfo} from '../../source/formats/proc/zoneinfo.ts';

const folder = new URL('../../fixtures/otherKernels/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

const chain =
	<Record>(parse: (text: string) => Record, format: (record: Record) => string) =>
	(text: string) =>
		format(parse(text));

/** By the word before the first hyphen of a name. */
const reprints: Readonly<Record<string, (text: string) => string>> = {
	zoneinfo: chain(parseZoneinfo, formatZoneinfo),
};

it.each(readdirSync(folder).filter(name => name !== 'README.md'))('%s prints again byte for byte', name => {
	const text = read(name);
	expect(reprints[name.slice(0, name.indexOf('-'))]?.(text)).toBe(text);
});

it('zoneinfo: counters are found on either side of the protection, and those without a name are kept apart', () => {
	const old = parseZoneinfo(read('zoneinfo-2.6.32'));
	expect(old.dialect).toBe('2.6.32');
	expect(old.zones[0]!.counters).toEqual({nr_free_pages: 3970, nr_mlock: 0});
	expect(old.zones[0]!.protection).toEqual([0, 770, 2005, 2005]);
	expect(old.zones[0]!.pages.scanned).toBe(0);
	const two = read('zoneinfo-4.18-nameless').replace(/^ +537$/m, '$&\n                   538');
	expect(parseZoneinfo(two).zones[0]!.perNodeStats).toEqual({
		nr_dirtied: 305,
		nr_written: 260,
		'unnamed 1': 537,
		'unnamed 2': 538,
	});
	expect(formatZoneinfo(parseZoneinfo(two))).toBe(two);
	const [pageset] = parseZoneinfo(read('zoneinfo-6.18-pcp')).zones[0]!.pagesets!;
	expect([pageset!.high, pageset!.high_min, pageset!.high_max]).toEqual([12, 12, 240]);
});

it('zoneinfo: the same record is printed in the order of each kernel', () => {
	const {zones} = parseZoneinfo(read('zoneinfo-3.2'));
	const linesOf = (dialect: '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18') =>
		formatZoneinfo({dialect, zones})
			.split('\n')
			.filter(line => /nr_free|protection|count/.test(line));
	const free = 'nr_free_pages 3970';
	const protection = '        protection: (0, 770, 2005, 2005)';
	for (const dialect of ['2.6.32', '3.2'] as const)
		expect(linesOf(dialect)).toEqual([`    ${free}`, protection, '              count: 0']);
	for (const dialect of ['5.10', '6.1'] as const)
		expect(linesOf(dialect)).toEqual([protection, `      ${free}`, '              count: 0']);
	expect(linesOf('6.18')).toEqual([protection, `      ${free}`, '              count:    0']);
});
