/** Documents and pictures that are made from the program: `npm run docs` writes them anew. */

import {expect, test} from 'vitest';
import {keysDocument} from '../../source/ui/view/keysDocument.ts';

test('docs/keys.md says what the table of keys says', async () => {
	await expect(keysDocument()).toMatchFileSnapshot('../../docs/keys.md');
});
