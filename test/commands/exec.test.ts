import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, test} from 'vitest';
import {mmtop} from './support.ts';

const directory = mkdtempSync(join(tmpdir(), 'mmtop-exec-'));
afterAll(() => rmSync(directory, {recursive: true, force: true}));

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));

describe('mmtop exec', () => {
	test('prints what the program prints, and ends as it does', async () => {
		const {stdout, exitCode, stderr} = await mmtop(['exec', '--era', '6.1', fixture('tour'), '9', '--flag', '-t']);
		expect(stdout).toMatch(/^argument 0: \.\/tour\nargument 1: 9\nargument 2: --flag\nargument 3: -t\n/);
		expect(stdout).toMatch(/killed: signal 15\nslept 20 ms\n$/);
		expect({exitCode, stderr}).toEqual({exitCode: 9, stderr: ''});
	});

	test('says what killed a program, and why', async () => {
		const {stdout, exitCode, stderr} = await mmtop(['exec', fixture('float')]);
		expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 132});
		expect(stderr).toMatch(/float was killed by signal 4: instruction db .*: this processor has no floating point\n$/);
	});

	test.each([
		['', /exec needs a program/, 2],
		['nowhere', /there is no file .*nowhere/, 127],
		['.', /is not a file/, 126],
		['text', /text cannot be run: it is a text file, not a program/, 126],
		['large', /large is too large: a program has at most 16 MiB/, 126],
	])('refuses "%s" in one sentence', async (name, sentence, exitCode) => {
		writeFileSync(join(directory, 'text'), 'hello\n');
		writeFileSync(join(directory, 'large'), new Uint8Array((16 << 20) + 1));
		const refused = await mmtop(['exec', ...(name === '' ? [] : [join(directory, name)])]);
		expect(refused.stderr).toMatch(sentence);
		expect(refused.stderr.trim().split('\n')).toHaveLength(1);
		expect({stdout: refused.stdout, exitCode: refused.exitCode}).toEqual({stdout: '', exitCode});
	});
});
