import {expect, test} from 'vitest';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {CLOCK, INJECT} from './support.ts';

const EVENTS = 1e9;

/** Boots a machine and repeats a session on it, to two seconds. */
function replay(seed: number): Lab {
	const lab = bootLab({seed});
	lab.write(CLOCK, 'watch off', 'test');
	for (const [timeNs, text] of [
		[600e6, 'mremap-growth'],
		[600e6, 'direct-read pages=8'],
		[900e6, 'pool-work blocks=40'],
	] as const) {
		lab.run(timeNs, EVENTS);
		lab.write(INJECT, text, 'test');
	}
	lab.run(2e9, EVENTS);
	return lab;
}

/** Every file of the tree that is listed, as text. */
function everyFile(lab: Lab, directory = ''): [path: string, text: string][] {
	return lab.list(directory || '/').flatMap(name => {
		const path = `${directory}/${name.replace(/\/$/, '')}`;
		if (name.endsWith('/')) return everyFile(lab, path);
		return [[path, String(lab.read(path))] as [string, string]];
	});
}

test('the same seed and the same writes give the same bytes in every file; another seed does not', () => {
	const files = everyFile(replay(1));
	expect(files.length).toBeGreaterThan(80);
	expect(everyFile(replay(1))).toEqual(files);
	expect(everyFile(replay(2))).not.toEqual(files);
});

test('the session holds what was written, when and by whom, and nothing that was refused', () => {
	const lab = replay(1);
	expect(() => lab.write(INJECT, 'no-such-thing', 'test')).toThrow(/EINVAL: no experiment "no-such-thing"/);
	expect(lab.session.map(({timeNs, text, by}) => [timeNs, text, by])).toEqual([
		[0, 'watch off', 'test'],
		[600e6, 'mremap-growth', 'test'],
		[600e6, 'direct-read pages=8', 'test'],
		[900e6, 'pool-work blocks=40', 'test'],
	]);
});
