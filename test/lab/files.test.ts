/** docs/files.md names every file of the tree. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {ROUTES} from '../../source/lab/tree.ts';

const page = readFileSync(new URL('../../docs/files.md', import.meta.url), 'utf8');

/** A family's name in the page: `/sys/kernel/debug/page/<pfn>`; members of dma-api and tracing stand beside their directory. */
const isNamed = (path: string): boolean => {
	const shown = path.replace('translate/:address', 'translate/<space>:<address>').replace(/\/:(\w+)/g, '/<$1>');
	const directory = /^(.*\/(?:dma-api|tracing)\/)([^/]+)$/.exec(shown);
	return directory
		? page.includes(`| \`${directory[1]}\` |`) && page.includes(`\`${directory[2]}\``)
		: page.includes(`\`${shown}\``);
};

test('docs/files.md names every file of a machine', () => {
	expect(ROUTES.map(({path}) => path).filter(path => !isNamed(path))).toEqual([]);
});
