/** What a story is about comes into the window of a pane that it names, on a real machine. */

import {expect, test} from 'vitest';
import {parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {address} from '../../source/formats/text.ts';
import {path} from '../../source/model/paths.ts';
import {pictureOf} from './support/picture.tsx';
import {type Reader, startReader} from './support/reader.ts';
import {partsOf, pressed} from './support/tour.ts';

const dmaPane = ({state}: Reader): string => partsOf(state(), pictureOf(state()), ['dma']).join('\n');

test('the mapping of a coherent allocation does, and the list is back at its top when the story is over', async () => {
	const reader = await startReader();
	const before = dmaPane(reader);
	expect(before).toContain('ehci_sitd');
	await pressed(reader, ['c']);
	const {mappings} = parseDmaApiDump(String(await reader.target.read(path.dmaDump)));
	const mapped = address(mappings.find(({device}) => device === '0000:00:05.0')!.busAddress);
	expect(before).not.toContain(mapped);
	expect(dmaPane(reader)).toContain(mapped);
	expect(dmaPane(reader)).not.toContain('ehci_sitd');
	// The rows of panes that the story does not name stay where they are.
	expect(reader.state().views.kmap.told).toBeUndefined();
	await pressed(reader, ['escape']);
	await reader.until(({injections}) => injections.endedMs !== undefined);
	await reader.frames(1);
	expect(dmaPane(reader)).toContain('ehci_sitd');
	reader.stop();
});
