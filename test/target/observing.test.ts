import {expect, test} from 'vitest';
import {LabError} from '../../source/lab/errors.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {runHeadless} from '../../source/target/headless.ts';

const endNs = 500e6;
/** Files that exist for every frame, address or window, and so are in no directory. */
const unlisted = [
	'page/0x100',
	'page/0x7000',
	'translate/pfn:0x7000',
	'page_map/0/4096/64',
	'page_map/0/4096/64/DP',
	'vma/1/00000000-c0000000',
	'tracing/trace/16',
].map(path => `/sys/kernel/debug/${path}`);

/** A directory of a device or process that has just gone is empty. */
function namesIn(lab: Lab, directory: string): readonly string[] {
	try {
		return lab.list(directory);
	} catch (error) {
		if (error instanceof LabError && error.code === 'ENOENT') return [];

		throw error;
	}
}

/** Every file of the tree that is listed. */
function everything(lab: Lab): Readonly<Record<string, string>> {
	const files: Record<string, string> = {};
	const walk = (directory: string): void => {
		for (const name of namesIn(lab, directory || '/')) {
			const path = `${directory}/${name}`;
			if (name.endsWith('/')) {
				walk(path.slice(0, -1));
			} else {
				const content = lab.read(path);
				files[path] = typeof content === 'string' ? content : Buffer.from(content).toString('base64');
			}
		}
	};
	walk('');
	for (const path of unlisted) {
		files[path] = String(lab.read(path));
	}

	return files;
}

test('reading every file, often, changes nothing that any file says later', () => {
	const watched = bootLab({load: 'busy'});
	const alone = bootLab({load: 'busy'});
	for (let timeNs = 100e6; timeNs <= endNs; timeNs += 100e6) {
		runHeadless(watched, timeNs);
		everything(watched);
	}

	runHeadless(alone, endNs);
	const [seen, unseen] = [everything(watched), everything(alone)];
	for (const [path, content] of Object.entries(unseen)) {
		expect(seen[path] === content, `${path} is as on a machine that nobody looked at`).toBe(true);
	}

	expect(Object.keys(seen)).toEqual(Object.keys(unseen));
});
