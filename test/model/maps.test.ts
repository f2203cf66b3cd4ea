import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Maps, MapsArea} from '../../source/formats/proc/maps.ts';
import {nobody} from '../../source/model/injections.ts';
import {type MapsModel, mapsModel} from '../../source/model/maps.ts';
import {lingerMs} from '../../source/model/moment.ts';

const page = 4096;

/**
 * Areas drawn as memory: each character is a page, each letter its own file, equal neighbours one area, '.' a hole, '|'
 * a border between two areas of one file that takes no room.
 */
function draw(picture: string, perms = 'rw-p'): Maps {
	const areas: MapsArea[] = [];
	let at = 0;
	let isCut = true;
	for (const letter of picture) {
		if (letter === '|') {
			isCut = true;
			continue;
		}
		const last = areas.at(-1);
		const start = 0x40000000 + at * page;
		if (letter !== '.') {
			if (!isCut && last?.end === start && last.pathname === `/dev/${letter}`) {
				areas[areas.length - 1] = {...last, end: start + page};
			} else {
				const inode = letter.charCodeAt(0);
				areas.push({start, end: start + page, perms, offset: 0, major: 8, minor: 1, inode, pathname: `/dev/${letter}`});
			}
		}
		isCut = false;
		at++;
	}
	return {areas};
}

const model = (maps: Maps, older?: MapsModel, movedMs = 0, byPid = new Map<number, number>()): MapsModel =>
	mapsModel(
		{pid: 112, comm: 'mapper', maps, vma: undefined, first: undefined},
		older,
		{timeNs: 0, movedMs},
		{...nobody, byPid},
	);

const fates = ({rows}: MapsModel): string[] =>
	rows.map(({area, mark, note}) => `${area.pathname?.at(-1)}${mark ? ` ${mark.kind} ${note}` : ''}`);

const change = (before: string, after: string): string[] => fates(model(draw(after), model(draw(before))));

test('nothing is marked in the first picture', () => {
	expect(fates(model(draw('aa..bb')))).toEqual(['a', 'b']);
});

test('an area that grows at its end says by how much', () => {
	expect(change('aaaa....b', 'aaaaaaaab')).toEqual(['a grown +16k', 'b']);
});

test('an area that grows downwards, as a stack does, is the same area', () => {
	expect(change('...ss', '.ssss')).toEqual(['s grown +8k']);
});

test('an area that shrinks says by how much', () => {
	expect(change('aaaa', 'aa..')).toEqual(['a shrunk -8k']);
});

test('a hole in an area splits it: one part keeps its name, the other is split off', () => {
	expect(change('aaaaaa', 'aa..aa')).toEqual(['a shrunk -16k', 'a split split off']);
});

test('an area cut without a hole is split', () => {
	expect(change('aaaa', 'aa|aa')).toEqual(['a shrunk -8k', 'a split split off']);
});

test('two areas that become one are merged, and neither is gone', () => {
	expect(change('aa|aa', 'aaaa')).toEqual(['a merged merged']);
});

test('a new area is new, one that is unmapped stays in sight for a moment', () => {
	expect(change('aa...', 'aa.bb')).toEqual(['a', 'b new new']);
	expect(change('aa.bb', 'aa...')).toEqual(['a', 'b gone gone']);
});

test('an area that mremap moved says where it came from', () => {
	expect(change('aa.....', '....aaa')).toEqual(['a moved from 40000000']);
});

test('an area at another place with other permissions, or another part of the file, is new and was not moved', () => {
	const older = model(draw('aa.....', 'rw-p'));
	expect(fates(model(draw('....aa.', 'r--p'), older))).toEqual(['a gone gone', 'a new new']);
	const [area] = draw('....aa.').areas as [MapsArea];
	expect(fates(model({areas: [{...area, offset: page}]}, older))).toEqual(['a gone gone', 'a new new']);
	expect(fates(model({areas: [{...area, inode: 0}]}, older))).toEqual(['a gone gone', 'a new new']);
});

test('changed permissions say what they were', () => {
	const older = model(draw('aa', 'rw-p'));
	expect(fates(model(draw('aa', 'r--p'), older))).toEqual(['a changed was rw-p']);
});

test('a mark fades when the machine has moved long enough, and not before', () => {
	const grown = draw('aaaa');
	const first = model(grown, model(draw('aa')), 100);
	const later = model(grown, first, 100 + lingerMs - 1);
	expect(fates(later)).toEqual(['a grown +8k']);
	expect(fates(model(grown, later, 100 + lingerMs))).toEqual(['a']);
});

test('a change in a process that an injection started bears the injection’s number', () => {
	const marked = model(draw('aaaa'), model(draw('aa')), 0, new Map([[112, 7]]));
	expect(marked.rows[0]?.mark?.injection).toBe(7);
	expect(model(draw('aaaa'), model(draw('aa'))).rows[0]?.mark?.injection).toBeUndefined();
});

test('what slides through the edges of a window neither came nor went', () => {
	const window = (maps: Maps, older?: MapsModel): MapsModel =>
		mapsModel({pid: 112, comm: 'mapper', maps, vma: undefined, first: 7}, older, {timeNs: 0, movedMs: 0}, nobody);
	expect(fates(window(draw('...cc.dd.ee'), window(draw('bb.cc.dd'))))).toEqual(['c', 'd', 'e']);
	expect(fates(window(draw('bb....dd'), window(draw('bb.cc.dd'))))).toEqual(['b', 'c gone gone', 'd']);
	expect(window(draw('bb.cc')).residentBytes).toBeUndefined();
});

test('another process is a new picture without marks', () => {
	const other = mapsModel(
		{pid: 113, comm: 'other', maps: draw('cc'), vma: undefined, first: undefined},
		model(draw('aa')),
		{timeNs: 0, movedMs: 0},
		nobody,
	);
	expect(fates(other)).toEqual(['c']);
});

test('an unchanged file keeps the very same model', () => {
	const maps = draw('aa.bb');
	const older = model(maps);
	expect(model(maps, older, 100)).toBe(older);
});

const held = (pid: number) => ({
	mmUsers: 1,
	mmCount: 1,
	lockedVm: 0,
	pageTableLockHolder: null,
	mapCount: 2,
	totalVm: 4,
	lockName: 'mmap_sem' as const,
	mmapSem: 'read' as const,
	mmapSemHolders: [{comm: 'reader', pid}],
	mmapSemWaiters: [],
	areas: [],
});

test(
	'an area that did not change keeps its row, and a lock that changes hands is shown with the very ' + 'same rows',
	() => {
		const older = model(draw('aa.bb'));
		const newer = model({areas: [...older.rows.map(({area}) => area), ...draw('.....c').areas]}, older);
		expect(newer.rows.slice(0, 2)).toEqual(older.rows);
		expect([newer.rows[0] === older.rows[0], newer.rows[1] === older.rows[1]]).toEqual([true, true]);
		const maps = draw('aa.bb');
		const files = {pid: 112, comm: 'mapper', maps, first: undefined};
		const at = {timeNs: 0, movedMs: 0};
		const first = mapsModel({...files, vma: held(1)}, undefined, at, nobody);
		const second = mapsModel({...files, vma: held(2)}, first, at, nobody);
		expect(second.mm?.mmapSemHolders).toEqual([{comm: 'reader', pid: 2}]);
		expect(second.rows).toBe(first.rows);
	},
);

test('whatever happens, each area has one row with an id of its own, rows lie by address, and ids last', () => {
	const picture = fc.array(fc.constantFrom('a', 'b', 'c', '.', '|'), {maxLength: 24}).map(letters => letters.join(''));
	fc.assert(
		fc.property(fc.array(picture, {minLength: 1, maxLength: 6}), pictures => {
			let older: MapsModel | undefined;
			for (const [index, each] of pictures.entries()) {
				const maps = draw(each);
				const newer: MapsModel = model(maps, older, index * 100);
				const living = newer.rows.filter(({mark}) => mark?.kind !== 'gone');
				expect(living.map(({area}) => area)).toEqual(maps.areas);
				expect(new Set(living.map(({id}) => id)).size).toBe(living.length);
				const starts = newer.rows.map(({area}) => area.start);
				expect(starts).toEqual([...starts].sort((a, b) => a - b));
				for (const row of older?.rows ?? []) {
					const same = living.find(
						({area}) =>
							area.start === row.area.start && area.end === row.area.end && area.pathname === row.area.pathname,
					);
					if (same && row.mark?.kind !== 'gone') {
						expect(same.id).toBe(row.id);
					}
				}
				older = newer;
			}
		}),
	);
});
