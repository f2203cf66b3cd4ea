import {describe, expect, test} from 'vitest';
import {parseCount, parseSizeBytes, parseTimeNs} from '../../source/commands/flags.ts';
import {helpText} from '../../source/commands/help.ts';
import {parseCommandLine} from '../../source/commands/parse.ts';
import {commands} from '../../source/commands/table.ts';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '), import.meta);
function refusal(line: string): string {
	try {
		parse(line);
	} catch (error) {
		return error instanceof Error ? error.message : '';
	}

	return '(accepted)';
}

describe('a command line that means something', () => {
	test('nothing at all is the monitor', () => {
		expect(parse('')).toEqual({command: undefined, args: [], flags: {}});
		expect(parse('--seed 7 --once')).toEqual({command: undefined, args: [], flags: {seed: '7', once: true}});
	});

	test('flags may stand before and after the command and its arguments', () => {
		const expected = {command: 'cat', args: ['/proc/1/maps', '/proc/meminfo'], flags: {target: 'lab0', json: true}};
		expect(parse('cat -t lab0 /proc/1/maps --json /proc/meminfo')).toEqual(expected);
		expect(parse('--json --target=lab0 cat /proc/1/maps /proc/meminfo')).toEqual(expected);
	});

	test('arguments stay text, numbers and dashes too', () => {
		expect(parse('write -t t /x 007').args).toEqual(['/x', '007']);
		expect(parse('write -t t /x -- -5 --json').args).toEqual(['/x', '-5', '--json']);
		expect(parse('serve --name 007').flags).toEqual({name: '007'});
	});

	test('--no-watch is watch turned off', () => {
		expect(parse('--no-watch').flags).toEqual({watch: false});
	});

	test('help and version come before everything else', () => {
		expect(parse('cat --help').flags.help).toBe(true);
		expect(parse('-h nonsense').flags.help).toBe(true);
		expect(parse('--version').flags.version).toBe(true);
	});
});

describe('one that means nothing is refused in one sentence that names the word', () => {
	test.each([
		['frobnicate', /^unknown command "frobnicate"; the commands are serve, .*attach, .*run, .*exec, /],
		['constructor', /^unknown command "constructor"/],
		['--frob', /^unknown flag --frob; /],
		['-x', /^unknown flag -x; /],
		['cat /x --observeGroups 1', /^unknown flag --observe-groups, did you mean "--observe-group"\?$/],
		['--mem', /^--mem needs a value: --mem SIZE$/],
		['cat -t', /^--target needs a value/],
		['--seed 1 --seed 2', /^--seed can be given once only$/],
		['serve --observe-group a --observe-group b', /^--observe-group can be given once only$/],
		['serve --until 2s', /^mmtop serve does not take --until; it takes --machine/],
		['attach --mem 128M', /^mmtop attach does not take --mem/],
		['relay --json', /^mmtop relay does not take --json; it takes none$/],
	])('mmtop %s', (line, sentence) => {
		expect(refusal(line)).toMatch(sentence);
	});
});

test('sizes, times and counts are taken with their units and refused without sense', () => {
	expect(parseSizeBytes('mem', '128M')).toBe(128 * 2 ** 20);
	expect(parseSizeBytes('mem', '64k')).toBe(65_536);
	expect(parseSizeBytes('mem', '1G')).toBe(2 ** 30);
	expect(parseSizeBytes('mem', '3')).toBe(3);
	expect(parseTimeNs('until', '1.5s')).toBe(1_500_000_000);
	expect(parseTimeNs('until', '300ms')).toBe(300_000_000);
	expect(parseTimeNs('until', '20us')).toBe(20_000);
	expect(parseTimeNs('until', '7ns')).toBe(7);
	expect(parseCount('cpus', '2')).toBe(2);
	for (const text of ['lots', '-1', '1.5M', '1T', '', '0x10', '1 M']) {
		expect(() => parseSizeBytes('highmem', text)).toThrow(
			`--highmem takes a size, as 128M, 65536K or 1G; got "${text}"`,
		);
	}

	for (const text of ['2', 's', '-2s', '2 s', '1e9s']) {
		expect(() => parseTimeNs('until', text)).toThrow(/^--until takes a time/);
	}

	for (const text of ['two', '-2', '1.5', '1e3']) {
		expect(() => parseCount('cpus', text)).toThrow(/^--cpus takes a whole number/);
	}
});

test('--help names every command that is for people, and every flag', () => {
	const help = helpText(commands);
	for (const {usage, summary} of Object.values(commands.named)) {
		expect(help.includes(usage)).toBe(summary !== undefined);
	}

	expect(help).toContain('--observe-group GROUP');
	expect(help).toContain('--no-watch');
});
