/** A roster, line by line. */
import {expect, test} from 'vitest';
import {parseRoster} from '../../../source/commands/class/roster.ts';

const roster = (text: string, defaults = {}) => parseRoster(text, 'os.txt', defaults);

test('a line a student, with words for its machine; flags are for lines without', () => {
	const text =
		'# os\n\nteacher ann\nhelper bob\nhelper @tutors\nalice seed=3\n  carol era=6.1 machine=pae load=busy # c\r\ndave';
	expect(roster(text, {era: '3.2', seed: '9'})).toEqual({
		teachers: ['ann'],
		helpers: ['bob', '@tutors'],
		students: [
			{student: 'alice', options: {era: '3.2', seed: 3}},
			{student: 'carol', options: {era: '6.1', preset: 'pae', seed: 9, load: 'busy'}},
			{student: 'dave', options: {era: '3.2', seed: 9}},
		],
	});
});

test.each([
	['alice\nalice', 'line 2: alice is there twice'],
	['teacher alice\nalice', 'line 2: alice is there twice'],
	['demo', 'line 1: demo is the machine that all share, and not a student'],
	['teacher', 'line 1: teacher takes one login'],
	['helper a b', 'line 1: helper takes one login'],
	['teacher @group', 'line 1: "@group" is not a login: '],
	['../x', 'line 1: "../x" is not a login: '],
	['_x', 'line 1: "_x" is not a login: '],
	['-x', 'line 1: "-x" is not a login: '],
	[`${'a'.repeat(33)}`, `line 1: "${'a'.repeat(33)}" is not a login: `],
	['\nalice colour=red', 'line 2: "colour=red" is not one of machine=…, era=…, seed=…, load=…'],
	['alice seed=', 'line 1: "seed=" is not one of '],
	['alice seed=1 seed=2', 'line 1: seed is there twice'],
	['alice seed=x', 'line 1: seed takes a whole number; got "x"'],
	['alice era=9.9', 'line 1: era must be '],
	['alice machine=big', 'line 1: machine must be one of '],
	['alice load=much', 'line 1: load must be one of '],
])('%j is refused', (text, sentence) => {
	expect(() => roster(text)).toThrow(new RegExp(`^os\\.txt, ${sentence.replace(/[.?@]/g, '\\$&')}[^\\n]*$`));
});

test('a class has 1 to 200 students, with logins of 32 characters', () => {
	const many = (count: number) => Array.from({length: count}, (_, index) => `s${index}`).join('\n');
	expect(() => roster('teacher ann\n# nobody')).toThrow(/^os\.txt has no student: a line is a login$/);
	expect(roster(many(200)).students).toHaveLength(200);
	expect(() => roster(many(201))).toThrow(/^os\.txt has 201 students, and one class takes 200 at most$/);
	expect(roster('a'.repeat(32)).students[0]!.student).toHaveLength(32);
});
