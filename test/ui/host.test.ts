/** A monitor on a real Linux: it lays out what there is, and says how one gets more. */

import {expect, test} from 'vitest';
import {path} from '../../source/model/paths.ts';
import {type Target, TargetError} from '../../source/target/target.ts';
import {renderOnce} from '../../source/ui/once.tsx';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {area} from './support/records.ts';

/** Files of a Linux without those of mmtop's machines. */
const linuxFiles = /^\/proc\/|dma-api|tracing|page_map/;

function host(lacking: Readonly<Record<string, string>>, target = createFakeTarget()): Target {
	for (const file of [...target.files.keys()]) if (!linuxFiles.test(file)) target.files.delete(file);
	return {
		...target,
		name: 'host',
		kind: 'host',
		writable: false,
		async sample(request) {
			const sample = await target.sample(request);
			const refused = Object.entries(lacking).flatMap(([start, error]) =>
				request.paths.filter(each => each.startsWith(start)).map(each => [each, {error}] as const),
			);
			return {...sample, files: {...sample.files, ...Object.fromEntries(refused)}};
		},
		list: async directory => {
			if (directory === path.pciDevices) throw new TargetError('ENOENT', 'no such directory');
			return target.list(directory);
		},
	};
}

const once = (target: Target, columns = 120, rows = 40) =>
	renderOnce({target, columns, rows, theme: createTheme('plain', true)});

const panesOf = (screen: string) => [...screen.matchAll(/┌ (\d \w+)/g)].map(([, name]) => name);

test('panes of mmtop’s machines alone are left out, and what only such a machine does is not offered', async () => {
	const screen = await once(host({}));
	expect(panesOf(screen)).toEqual(['1 maps', '2 frames', '7 zones', '6 trace', '9 log', '4 dma']);
	expect(screen.split('\n')[0]).toMatch(/mmtop host {2}this Linux {2,}/);
	expect(screen.split('\n').at(-1)).not.toMatch(/experiments|pause|step|why|follow/);
	expect(screen.split('\n').at(-1)).toMatch(/freeze.*zoom.*filter/);
});

test('a user who may read less gets less, and one line says how to get more', async () => {
	const screen = await once(
		host({
			[path.pageMap]: 'EACCES: this user may not read it',
			[path.kmsg]: 'EPERM: root may',
			[path.trace]: 'ENOENT: no such file',
			[path.dmaDump]: 'ENOENT: no such file',
		}),
	);
	expect(panesOf(screen)).toEqual(['1 maps', '7 zones']);
	expect(screen.split('\n')[0]).toContain('this Linux · frames, log: as root; trace: mount tracefs');
});

test('root is not advised to be root, and only a file that does not exist means that tracefs is missing', async () => {
	const lacking = {[path.pageMap]: 'EPERM: locked down', [path.trace]: 'EIO: the file cannot be read'};
	const screen = await once({...host(lacking), isRoot: true});
	const [head] = screen.split('\n');
	expect(head).toContain('this Linux · frames may not be read here, even by root');
	expect(head).not.toContain('tracefs');
});

test.each([
	[80, 24, 2],
	[200, 60, 6],
])('at %ix%i there are %i panes of those', async (columns, rows, count) => {
	const screen = await once(host({}), columns, rows);
	expect(panesOf(screen)).toHaveLength(count);
	if (count === 2) expect(screen.split('\n')[1]).not.toMatch(/kmap|iocbs|findings/);
});

test('a process whose areas this user may not see is left for one of another user', async () => {
	const target = createFakeTarget();
	target.addProcess(300, 'daemon', {areas: [area(0x4000_0000, 0x4000_4000, 'rw-p', null)]}, 99_999);
	target.addProcess(301, 'daemon', {areas: [area(0x4000_0000, 0x4000_4000, 'rw-p', null)]}, 99_998);
	target.addProcess(400, 'mine', {areas: [area(0x5000_0000, 0x5000_4000, 'rw-p', null)]}, 9999);
	const withUser = (pid: number, user: number) => {
		const file = path.status(pid);
		target.files.set(file, `${target.files.get(file)!.replace(/^Uid:.*\n/m, '')}Uid:${`\t${user}`.repeat(4)}\n`);
	};
	withUser(300, 0);
	withUser(301, 0);
	withUser(400, 1000);
	const refusing = host({'/proc/300/maps': 'EACCES: root may', '/proc/301/maps': 'EACCES: root may'}, target);
	expect(await once(refusing)).toMatch(/1 maps .* 400 mine/);
	const maps = [...target.files.keys()].filter(file => /^\/proc\/\d+\/maps$/.test(file));
	const all = Object.fromEntries(maps.map(file => [file, 'EACCES: root may']));
	expect(await once(host(all, target))).toContain('root may');
});
