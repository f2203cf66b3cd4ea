/** What C reads and writes in a struct page are the kernel's own words for that frame. */
import {expect, test} from 'vitest';
import {pfn} from '../../../source/hardware/address.ts';
import {page_count, page_mapcount_raw} from '../../../source/kernel/mm/page.ts';
import {pageWindow} from '../../../source/kernel/module/structureWindows.ts';
import {bootTestKernel} from '../support.ts';

test.each(['flags', '_count', 'private'])('%s that C stores is there when C reads it', name => {
	const k = bootTestKernel();
	const [frame, neighbour] = [pfn(0x1000), pfn(0x1001)];
	const field = pageWindow.fields[name]!;
	const before = field.get(k, neighbour);
	field.set!(k, frame, 0x8000_0405);
	expect(Number(field.get(k, frame)) >>> 0).toBe(0x8000_0405);
	expect(field.get(k, neighbour)).toBe(before);
});

test('the counts are those of page_count and of the map count, which is -1 when nobody maps the page', () => {
	const k = bootTestKernel();
	const frame = pfn(0x1000);
	const read = (name: string) => pageWindow.fields[name]!.get(k, frame);
	expect(read('_mapcount')).toBe(-1);
	expect(read('_mapcount')).toBe(page_mapcount_raw(k, frame));
	pageWindow.fields._count!.set!(k, frame, 7);
	expect(page_count(k, frame)).toBe(7);
});
