import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {parseResults} from '../../source/formats/debugfs/lab/results.ts';
import {serverFiles} from '../../source/formats/serverFiles.ts';
import {longestResult, mostResults, Results, withResults} from '../../source/server/results.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import {quietLab} from '../lab/support.ts';

const {path} = serverFiles.results;

function placeForFile(): string {
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-results-'));
	onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
	return join(directory, 'results');
}

const line = (points: number) => JSON.stringify({sheet: 's', student: 'ann', points, of: 4});

test('what was handed in is read back, and is no part of the machine', async () => {
	const lab = quietLab();
	const {target} = headlessMachine(lab, 'test');
	const client = withResults(target, new Results());
	const before = [lab.session.length, lab.seq()];
	expect(await client.read(path)).toBe('');
	expect(await client.list('/sys/kernel/debug/lab')).not.toContain('results');
	await client.write(path, `${line(3)}\n`);
	expect(parseResults(String(await client.read(path)))).toEqual({
		results: [{sheet: 's', student: 'ann', points: 3, of: 4}],
	});
	expect(await client.list('/sys/kernel/debug/lab')).toContain('results');
	const sample = await client.sample({paths: ['/proc/comm-is-not-there', path, '/proc/version']});
	expect(Object.keys(sample.files)).toEqual(['/proc/comm-is-not-there', path, '/proc/version']);
	expect(sample.files[path]).toEqual({text: `${line(3)}\n`});
	expect([lab.session.length, lab.seq()]).toEqual(before);
	await expect(target.read(path)).rejects.toThrow('ENOENT');
});

test('who only observes hands nothing in', async () => {
	const {target} = headlessMachine(quietLab(), 'test');
	await expect(withResults({...target, writable: false}, new Results()).write(path, line(1))).rejects.toThrow('EACCES');
});

test('a result is one JSON object in one line, and not too long', () => {
	const results = new Results();
	for (const wrong of ['', 'points', '[1]', '3', '{"a":1}\n{"b":2}'])
		expect(() => results.add(wrong)).toThrow('EINVAL');
	const long = (characters: number) => JSON.stringify({a: 'x'.repeat(characters - '{"a":""}'.length)});
	expect(() => results.add(long(longestResult + 1))).toThrow('EFBIG');
	results.add(long(longestResult));
	expect(results.text).toHaveLength(longestResult + 1);
});

test('the newest are kept, over a kill of the server too, and a torn line is left out', () => {
	const kept = placeForFile();
	const results = new Results(kept);
	for (let points = 0; points <= mostResults; points++) results.add(line(points));
	const all = parseResults(results.text).results.map(each => (each as {points: number}).points);
	expect(all).toEqual(Array.from({length: mostResults}, (_, index) => index + 1));
	expect(new Results(kept).text).toBe(results.text);
	writeFileSync(kept, `${line(1)}\n{"sheet":`);
	const again = new Results(kept);
	expect(again.text).toBe(`${line(1)}\n`);
	again.add(line(2));
	expect(new Results(kept).text).toBe(`${line(1)}\n${line(2)}\n`);
	results.remove();
	expect(() => readFileSync(kept)).toThrow('ENOENT');
});

test('a disk that takes nothing is said, and nothing is kept', () => {
	const results = new Results('/nowhere/at/all');
	expect(() => results.add(line(1))).toThrow('ENOENT: the disk does not take the result');
	expect(results.text).toBe('');
});

test('a line that is no record has its number', () => {
	expect(() => parseResults(`${line(1)}\nx\n`)).toThrow('line 2');
});
