/** The time line of a machine: what just happened is there, and what was written stands once. */
import {expect, test} from 'vitest';
import {path} from '../../source/model/paths.ts';
import {machineLine} from '../../source/model/timeLine.ts';
import {injection} from '../ui/support/records.ts';

const write = (timeNs: number, file: string, text: string) => ({timeNs, seq: 1, by: 'anna', path: file, text});
const nothing = {injections: [], findings: []};

test.each([
	[12e9 - 1, []],
	[12e9, [12e9]],
	[12e9 + 500, [12e9 + 500]],
	[12e9 + 5000, [12e9 + 999]],
])('at %i ns what was injected in the microsecond from 12 s on is at %j', (nowNs, at) => {
	const injections = [injection(1, {timeUs: 12_000_000, states: []})];
	const {marks} = machineLine({injections, findings: []}, [], nowNs);
	expect(marks.map(({atNs}) => atNs)).toEqual(at);
});

test('an injection that is kept no more has the mark of its write', () => {
	const writes = [write(1e9, path.inject, 'pin-leak'), write(12e9, path.inject, 'mremap-growth')];
	const injections = [injection(65, {timeUs: 12_000_000, states: []})];
	const {marks} = machineLine({injections, findings: []}, writes, 20e9);
	expect(marks.map(({kind}) => kind)).toEqual(['write', 'injection']);
	expect(machineLine(nothing, writes, 20e9).marks).toHaveLength(2);
});

test('pieces of a file, and the steps of gdb, have none', () => {
	const writes = [path.insmod, path.exec].flatMap(file => [
		write(1e9, file, 'load a.ko 3'),
		write(1e9, file, 'data 1 QUJD'),
		write(1e9, file, 'tell 1'),
	]);
	const {marks} = machineLine(nothing, [...writes, write(2e9, path.gdb, 'step')], 20e9);
	expect(marks.map(({says}) => says)).toEqual([
		`anna wrote tell 1 to ${path.insmod}`,
		`anna wrote tell 1 to ${path.exec}`,
	]);
	expect(
		machineLine(nothing, [write(1e9, path.clock, 'pause'), write(1e9, path.load, 'data')], 20e9).marks,
	).toHaveLength(2);
});
