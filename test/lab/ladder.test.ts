/** The ladder on machines: each rung leads to the next, by the files that the machine itself serves. */
import {expect, test} from 'vitest';
import {parseMachine} from '../../source/formats/debugfs/lab/machine.ts';
import {parsePageInfo} from '../../source/formats/debugfs/page.ts';
import {parseTranslate, type SpaceAddress, userPlace} from '../../source/formats/debugfs/translate.ts';
import {parseVmaFrames} from '../../source/formats/debugfs/vmaFrames.ts';
import {parseMaps} from '../../source/formats/proc/maps.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {ladderOf} from '../../source/model/ladder.ts';
import {pageEntry} from '../../source/model/pageEntry.ts';
import {path} from '../../source/model/paths.ts';
import type {Rung} from '../../source/model/rung.ts';
import {quietLab} from './support.ts';

function reader(lab: Lab) {
	const text = (name: string): string => String(lab.read(name));
	const machine = parseMachine(text(path.machine));
	return {
		machine,
		maps: parseMaps(text(path.maps(1))).areas,
		frames: (start: number, end: number) => parseVmaFrames(text(path.vmaFrames(1, start, end))).runs,
		ladder(subject: SpaceAddress, pfn: number): readonly Rung[] {
			const translate = parseTranslate(text(path.translate(subject)));
			return ladderOf({subject, page: parsePageInfo(text(path.page(pfn))), translate, machine});
		},
		walk: (subject: SpaceAddress) => parseTranslate(text(path.translate(subject))).walk,
	};
}

const numberOf = (rungs: readonly Rung[], id: string): number =>
	Number.parseInt(rungs.find(rung => rung.id === id)!.value.replace('0x', ''), 16);

test.each([
	[{preset: 'lab'}, ['pgd', 'pte']],
	[{preset: 'pae', era: '5.10'}, ['pgd', 'pmd', 'pte']],
] as const)('%o: every page of init, from its address to the frame', (options, levels) => {
	const {machine, maps, frames, ladder, walk} = reader(quietLab(options));
	let pages = 0;
	for (const {start, end, perms, pathname} of maps.filter(area => area.start < 0xc0000000)) {
		for (const {address, run} of frames(start, end)) {
			const subject = userPlace(1, address);
			const rungs = ladder(subject, run.pfn);
			const physical = run.pfn * 4096;
			expect(rungs.flatMap(({id, kind}) => (kind === 'step' ? id : []))).toEqual(levels);
			expect(pageEntry(walk(subject).at(-1)!).address).toBe(physical);
			expect(numberOf(rungs, 'frame')).toBe(run.pfn);
			expect(numberOf(rungs, 'physical')).toBe(physical);
			const {kind} = rungs.find(({id}) => id === 'logical')!;
			const boundary = machine.ranges.find(({name}) => name === 'lowmem')!;
			expect(kind).toBe(physical < boundary.end - boundary.start ? 'address' : 'missing');
			expect(rungs.find(({id}) => id === 'user')?.says[0]).toContain(perms);
			if (pathname !== null) expect(rungs.find(({id}) => id === 'user')?.says[0]).toContain(pathname);
			pages++;
		}
	}
	expect(pages).toBeGreaterThan(5);
	// A frame of low memory that the kernel maps for itself: a logical address, behind a large page.
	const at = {space: 'virt', owner: null, address: 0xc3000000} as const;
	const rungs = ladder(at, 0x3000);
	expect(numberOf(rungs, 'logical') - 0xc0000000).toBe(numberOf(rungs, 'physical'));
	expect(rungs.find(({id}) => id === levels.at(-2))?.text).toContain('MiB page');
});
