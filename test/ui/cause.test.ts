import {afterEach, expect, test} from 'vitest';
import {type Cause, type CauseObject, formatCause} from '../../source/formats/debugfs/cause.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {causePath} from '../../source/model/cause.ts';
import {path} from '../../source/model/paths.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {mapperMaps} from './support/records.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;

afterEach(() => {
	session?.stop();
	expect(session?.crashes).toEqual([]);
	session = undefined;
});

function start(target: FakeTarget, size = {columns: 80, rows: 24}): Session {
	session = startSession(target, size);
	return session;
}

const step = {cpu: 0, task: {comm: 'mapper', pid: 112}, context: 'task'} as const;

/** mremap moved an area, for injection 3. */
const moved = (object: CauseObject, change: Partial<Cause> = {}): string =>
	formatCause({
		object,
		on: true,
		oldestUs: 9_000_000,
		lost: 0,
		changes: [
			{
				events: [
					{...step, timeUs: 12_345_640, name: 'move_page_tables', text: 'mm=9 from=40000000 pages=4', result: null},
				],
				more: 0,
				within: [{...step, timeUs: 12_345_601, name: 'sys_mremap', text: 'addr: 40000000', result: '0x40010000'}],
				origin: 'syscall',
				injection: {id: 3, name: 'mremap-growth'},
			},
		],
		nothing: null,
		...change,
	});

const area = {kind: 'vma', pid: 112, address: 0x08048000} as const;

test(
	'w tells the call behind the selected row, on the smallest screen, and follows what the target says ' + 'then',
	async () => {
		const target = createFakeTarget();
		target.files.set(causePath(area), moved(area));
		const {waitForText, waitFor, press} = start(target);
		await waitForText('08048000-');
		press('j', 'w');
		const screen = await waitForText('sys_mremap');
		expect(screen).toContain('what made area 08048000 of process 112?');
		expect(screen).toContain('12.345640  move_page_tables mm=9 from=40000000 pages=4');
		expect(screen).toContain('└ in sys_mremap (addr: 40000000) = 0x40010000');
		expect(screen).toContain('from a system call of mapper-112 · injection 3, mremap-growth');
		target.files.set(causePath(area), moved(area, {changes: [], nothing: 'not traced: tracing_on is 0'}));
		await waitForText('not traced: tracing_on is 0');
		press('escape');
		await waitFor(now => !now.includes('what made'));
	},
);

test('a row that is gone can be asked as long as its mark stands', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('08048000-');
	const {start: address} = mapperMaps.areas[0]!;
	target.files.set(path.maps(112), formatMaps({areas: mapperMaps.areas.slice(1)}));
	await waitForText('gone');
	const gone = {kind: 'vma', pid: 112, address} as const;
	target.files.set(causePath(gone), moved(gone));
	press('j', 'w');
	await waitForText('from a system call of mapper-112');
});

test('every pane says what it asks about', async () => {
	const target = createFakeTarget();
	const asked = (): string | undefined => target.asked.at(-1)?.find(each => each.includes('/cause/'));
	const {waitForText, waitFor, press} = start(target, {columns: 200, rows: 60});
	await waitForText('08048000-');
	for (const [pane, pattern] of [
		['2', /cause\/pfn:0x[0-9a-f]+(\+\d+)?$/],
		['3', /cause\/slot:\d:\d+$/],
		['4', /cause\/pool:0000:00:1d\.7:\w/],
		['5', /cause\/iocb:\d+$/],
		['6', /cause\/event:\d+\.\d{6}:mm_page_alloc$/],
		['7', /cause\/zone:DMA$/],
		['9', /cause\/event:\d+\.\d{6}:console$/],
	] as const) {
		press(pane);
		await waitFor(() => true);
		press('j', 'w');
		await waitFor(now => now.includes('what made') && asked() !== undefined);
		expect(asked(), `pane ${pane}`).toMatch(pattern);
		press('escape');
		await waitFor(now => !now.includes('what made'));
	}
});

test('without a selection it says what to do, and a target that cannot tell says so in its place', async () => {
	const {waitForText, press} = start(createFakeTarget());
	await waitForText('08048000-');
	press('w');
	await waitForText('select a row with the arrow keys first');
	press('j', 'w');
	await waitForText('ENOENT');
});
