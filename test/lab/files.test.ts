/** The table of files and the routes of the tree say the same. */
import {describe, expect, test} from 'vitest';
import {fileRows} from '../../source/formats/files.ts';
import {filesDocument} from '../../source/formats/filesDocument.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {routes} from '../../source/lab/tree.ts';

const sorted = (paths: readonly string[]): readonly string[] => [...paths].sort();

describe('each file of a machine has a row, and each row a file', () => {
	test('by its path', () => {
		expect(sorted(routes.map(({path}) => path))).toEqual(sorted(fileRows.map(({path}) => path)));
	});

	test('which says whether it can be written', () => {
		const writable = routes.filter(({write}) => write).map(({path}) => path);
		expect(sorted(writable)).toEqual(sorted(fileRows.filter(({takes}) => takes !== undefined).map(({path}) => path)));
	});

	test('a part is a part of a file that there is', () => {
		const paths = fileRows.map(({path}) => path);
		expect(fileRows.filter(({partOf}) => partOf !== undefined && !paths.includes(partOf))).toEqual([]);
	});
});

test('files of ours name their columns, or each value', () => {
	const lab = bootLab({load: 'busy'});
	lab.run(1e9, Number.MAX_SAFE_INTEGER);
	const names: Readonly<Record<string, string>> = {
		pid: '1',
		pfn: '0x1000',
		object: 'pfn:0x1000',
		address: 'pfn:0x1000',
	};
	const whole = fileRows.filter(({from, partOf}) => from === 'ours' && partOf === undefined);
	const silent = whole.filter(({path}) => {
		const text = lab.read(path.replace(/:(\w+)/g, (_, name: string) => names[name]!));
		return typeof text !== 'string' || !/^(?:# \w+ \d|\w+: )/.test(text);
	});
	expect(silent).toEqual([]);
});

test('docs/files.md is the table', async () => {
	await expect(filesDocument()).toMatchFileSnapshot('../../docs/files.md');
});
