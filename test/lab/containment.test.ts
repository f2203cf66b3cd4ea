/**
 * A driver that stores anywhere in the kernel's memory: the simulator lives on, each report says where in C it was, and
 * the machine goes back to before.
 */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {LabError} from '../../source/lab/errors.ts';
import {bootLab, type Lab, switchOn} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
import {clockPath} from './support.ts';

const directory = '/sys/kernel/debug/lab';
const asManyAsItTakes = Number.MAX_SAFE_INTEGER;
const beforeNs = 300e6;
const object = (era: string) => readFileSync(new URL(`../../fixtures/modules/wild.${era}.o`, import.meta.url));

/** What is compared of a machine before and after it went back. */
const files = ['/proc/kmsg', '/proc/meminfo', '/proc/slabinfo', '/proc/buddyinfo', '/proc/modules'];
const stateOf = (lab: Lab) => files.map(path => lab.read(path)).join('\n');

/** Reads every file that is listed. @returns those that broke */
function unreadable(lab: Lab, path = ''): readonly string[] {
	return lab.list(path || '/').flatMap(name => {
		const inner = `${path}/${name.replace(/\/$/, '')}`;
		if (name.endsWith('/'))
			return /^\/(?:proc\/\d|sys\/kernel\/debug\/(?:cause|translate))/.test(inner) ? [] : unreadable(lab, inner);
		try {
			lab.read(inner);
			return [];
		} catch (error) {
			return error instanceof LabError && error.code !== 'EIO' ? [] : [`${inner}: ${error}`];
		}
	});
}

function load(lab: Lab, era: string, parameters: string): void {
	const bytes = object(era);
	const number = lab.write(`${directory}/insmod`, `load wild.o ${bytes.length}`, 'test');
	lab.write(`${directory}/insmod`, `data ${number} ${bytes.toString('base64')}`, 'test');
	lab.write(`${directory}/insmod`, `insert ${number} ${parameters}`, 'test');
}

const seeds = Array.from({length: 1_000}, (_, i) => i + 1);
const cases = sampleOf(seeds, 3).map(seed => ({seed, era: seed % 2 === 0 ? 'ldd3' : '6.1'}) as const);

test.each(cases)('seed $seed, on $era', ({seed, era}) => {
	const lab = bootLab({era, seed: 1, load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(beforeNs, asManyAsItTakes);
	const before = stateOf(lab);
	load(lab, era, `seed=${seed}`);
	for (let i = 0; i < 20 && !lab.stopped(); i++) lab.run(lab.timeNs() + 10e6, asManyAsItTakes);
	// Who cannot go on has panicked: it is the driver's fault, and never a bug of ours.
	if (lab.stopped()) expect(lab.stopped()).toMatchObject({state: 'panic'});
	const log = lab.read('/proc/kmsg') as string;
	const reports = log.split('\n').filter(line => /mmtop: .*stores to/.test(line));
	const placed =
		log.match(
			/stores to [0-9a-f]{8}, which is .+\n.*EIP.* (?:store|memset|wild_init)\+0x\w+\/0x\w+ \[wild\]\n.*C: wild\.c:\d+\n/g,
		) ?? [];
	expect(placed).toHaveLength(reports.length);
	// The first store may have been one that faults.
	expect(log).toMatch(/mmtop: .*stores to|EIP.* store\+0x\w+\/0x\w+ \[wild\]\n.*C: wild\.c:\d+\n/);
	expect(unreadable(lab)).toEqual([]);
	lab.write(clockPath, `rewind ${(lab.timeNs() - beforeNs) / 1e9}s`, 'test');
	while (lab.run(0, 100_000) === 'budget') {}
	expect(lab.timeNs()).toBeLessThanOrEqual(beforeNs);
	expect(lab.stopped()).toBeUndefined();
	lab.write(clockPath, 'run', 'test');
	lab.run(beforeNs, asManyAsItTakes);
	expect(stateOf(lab)).toBe(before);
});

/** A machine whose invariants break, some time after it was switched on. */
function labThatBreaks(atNs: number): Lab {
	const lab = bootLab({era: '6.1', load: 'none'}, (machine, rewoundNs) => {
		const on = switchOn(machine, rewoundNs);
		on.k.hw.timeline.at(atNs, () => {
			throw new Error('an invariant does not hold');
		});
		return on;
	});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(beforeNs, asManyAsItTakes);
	return lab;
}

test('what breaks after such a store is a panic of the driver’s making; without one it is a bug of ours', () => {
	const brokenNs = beforeNs + 50e6;
	const wild = labThatBreaks(brokenNs);
	load(wild, '6.1', 'seed=2 stores=3');
	wild.run(brokenNs, asManyAsItTakes);
	expect(wild.stopped()).toMatchObject({state: 'panic'});
	expect(wild.stopped()!.sentence).toMatch(
		/kernel panic at .*: wild stores to \w+, which is .*; then an invariant does not/,
	);
	expect(wild.read('/proc/kmsg')).toMatch(/Kernel panic - not syncing: wild stores to .*\n$/);
	const tame = labThatBreaks(brokenNs);
	load(tame, '6.1', 'stores=0');
	tame.run(brokenNs, asManyAsItTakes);
	expect(tame.stopped()).toMatchObject({state: 'broken'});
});
