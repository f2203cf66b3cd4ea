/** Mistakes of experiments and of drivers in C are found; a machine without a mistake has no finding. */
import {describe, expect, test} from 'vitest';
import {parseCause} from '../../source/formats/debugfs/cause.ts';
import {
	type FindingRecord as Finding,
	type FindingKind,
	parseFindings,
	parseWholeFinding,
} from '../../source/formats/debugfs/lab/findings.ts';
import {pathOf} from '../../source/formats/fileRow.ts';
import {files} from '../../source/formats/files.ts';
import {KernelPanic, panic} from '../../source/kernel/bug.ts';
import {DMA_TO_DEVICE} from '../../source/kernel/dma/direction.ts';
import {dma_map_single} from '../../source/kernel/dma/mapping.ts';
import {driver_unbind} from '../../source/kernel/drivers/dd.ts';
import {PCI_ANY_ID, pci_register_driver} from '../../source/kernel/drivers/pci-driver.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {EIO} from '../../source/kernel/errno.ts';
import type {file} from '../../source/kernel/fs/file.ts';
import {init_sync_kiocb, releaseSyncKiocb} from '../../source/kernel/fs/kiocb.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {kmalloc} from '../../source/kernel/mm/slab.ts';
import {log_store, printk} from '../../source/kernel/printk.ts';
import {inReport} from '../../source/kernel/watch.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {run as runThread} from '../kernel/support.ts';
import {fixture, insmod, newLab, rmmod, run as runProgram} from './modules.ts';
import {clockPath, mostEvents, quietLab, quietMachine, run} from './support.ts';

const path = files.findings.path;
const findingsOf = (lab: Lab): readonly Finding[] => parseFindings(String(lab.read(path))).findings;
const kindsOf = (lab: Lab): readonly FindingKind[] => [...new Set(findingsOf(lab).map(({kind}) => kind))].sort();
function ofKind(lab: Lab, kind: FindingKind): Finding {
	const found = findingsOf(lab).find(each => each.kind === kind);
	if (!found) throw new Error(`no ${kind} among ${kindsOf(lab).join(', ') || 'none'}`);
	return found;
}

const whole = (lab: Lab, {id}: Finding) => parseWholeFinding(String(lab.read(pathOf(files.finding, {id}))));
const causeOf = (lab: Lab, {id}: Finding) =>
	parseCause(String(lab.read(pathOf(files.cause, {object: `finding:${id}`}))));
const pass = (lab: Lab, seconds: number) => void lab.run(lab.timeNs() + seconds * 1e9, mostEvents);

/** A machine with the driver leaky, after three seconds; what is older than one second is old. */
function withLeaky(era: 'ldd3' | '6.1', parameters: string): Lab {
	const lab = newLab(era);
	lab.write(clockPath, 'watch off', 'test');
	lab.write(path, 'older 1', 'test');
	lab.write('/sys/bus/pci/drivers/dad/unbind', '0000:00:05.0', 'test');
	pass(lab, 0.1);
	insmod(lab, 'leaky.o', fixture(`modules/leaky.${era}.o`), parameters);
	pass(lab, 3);
	return lab;
}

const open = ({untilUs}: Finding) => untilUs === null;

const findings = (read: (path: string) => string | Uint8Array) => parseFindings(String(read(path))).findings;

/** Identifiers that every PCI function has. */
const anyFunction = {
	...{vendor: PCI_ANY_ID, device: PCI_ANY_ID, subvendor: PCI_ANY_ID, subdevice: PCI_ANY_ID},
	...{class: 0, class_mask: 0},
};

describe.each(['ldd3', '6.1'] as const)('a driver in C, on %s', era => {
	test('that does it right is loaded, used and unloaded without a finding', () => {
		const lab = withLeaky(era, '');
		expect(runProgram(lab, 'writer', ['/dev/leaky'])).toBe('');
		expect(rmmod(lab, 'leaky')).toBe(0);
		pass(lab, 2);
		expect(lab.read('/proc/kmsg')).not.toMatch(/Call Trace|Badness/);
		expect(lab.read(path)).toBe('# findings 0.1: older=1.000000 dropped=0\n');
	});

	test('whose mapping, block and kmap stay, and are given back when it goes', () => {
		const lab = withLeaky(era, 'maps=1 blocks=1 kmaps=1 warns=1');
		expect(kindsOf(lab)).toEqual(['block-old', 'kmap-old', 'mapping-old', 'warning']);
		for (const kind of ['block-old', 'kmap-old', 'mapping-old'] as const) {
			const found = ofKind(lab, kind);
			expect(found).toMatchObject({severity: 'note', untilUs: null, driver: 'leaky', task: {comm: 'insmod'}});
			expect(found.frames).toHaveLength(1);
			expect(whole(lab, found).changes[0]!.within.map(({name}) => name)).toEqual(['sys_init_module']);
		}
		expect(ofKind(lab, 'mapping-old').objects).toEqual([expect.stringMatching(/^mapping:0000:00:05\.0:0x[0-9a-f]+$/)]);
		expect(ofKind(lab, 'mapping-old').says).toMatch(
			/^1 streaming DMA mapping of leaky .* older than 1 s, .*\(1000 bytes, DMA_TO_DEVICE\); made by insmod-\d+ at/,
		);
		expect(ofKind(lab, 'block-old').objects).toEqual(['pool:0000:00:05.0:leaky']);
		expect(rmmod(lab, 'leaky')).toBe(0);
		pass(lab, 1);
		expect(findingsOf(lab).filter(open)).toEqual([]);
		expect(kindsOf(lab)).toEqual(['block-old', 'kmap-old', 'mapping-old', 'warning']);
	});

	test('that sleeps with a slot of kmap_atomic()', () => {
		const lab = withLeaky(era, 'sleeps=1');
		expect(ofKind(lab, 'bug')).toMatchObject({severity: 'error', driver: 'leaky', times: 1});
		expect(whole(lab, ofKind(lab, 'bug')).log.join('\n')).toMatch(
			/scheduling while atomic: insmod.*\n[\s\S]* probe\+0x\w+\/0x\w+ \[leaky\]\n/,
		);
		const slept = ofKind(lab, 'slot-slept');
		expect(slept).toMatchObject({
			severity: 'error',
			driver: 'leaky',
			objects: [expect.stringMatching(/^slot:\d:\d+$/)],
		});
		expect(whole(lab, slept).changes[0]!.events[0]!.name).toBe('kmap_atomic');
	});

	test('that goes and leaves a mapping, a pool in use, a handler and a timer, and a page that it pinned', () => {
		const lab = withLeaky(era, 'maps=1 keeps=1 destroys=1 ticks=1 listens=1 pins=1');
		expect(kindsOf(lab)).toEqual(['block-old', 'mapping-old']);
		runProgram(lab, 'writer', ['/dev/leaky']);
		const pinned = ofKind(lab, 'pin-alone');
		expect(pinned).toMatchObject({severity: 'warning', untilUs: null, driver: 'leaky', task: {comm: 'writer'}});
		expect(pinned.frames).toEqual([{pfn: expect.any(Number), frames: 1}]);
		expect(whole(lab, pinned).changes[0]!.within.map(({name}) => name)).toEqual(['sys_write']);
		expect(rmmod(lab, 'leaky')).toBe(0);
		pass(lab, 1);
		const now = new Set(
			findingsOf(lab)
				.filter(open)
				.map(({kind}) => kind),
		);
		expect([...now].sort()).toEqual(['mapping-lost', 'module-left', 'pin-alone', 'pool-lost']);
		expect(ofKind(lab, 'module-left').says).toBe(
			'the module leaky was taken out and left behind: the handler of interrupt 9 (leaky), a pending timer',
		);
		expect(ofKind(lab, 'mapping-lost').says).toMatch(/^leaky left 0000:00:05\.0 with 2 DMA mappings: /);
		expect(ofKind(lab, 'pool-lost')).toMatchObject({driver: 'leaky', frames: [{frames: 1}]});
		expect(ofKind(lab, 'message')).toMatchObject({severity: 'error', objects: ['pool:0000:00:05.0:leaky']});
		if (era === '6.1') expect(ofKind(lab, 'dma-debug').objects).toHaveLength(1);
	});

	test('that makes the kernel fault: the same oops again is counted', () => {
		const lab = withLeaky(era, 'oopses=1');
		runProgram(lab, 'writer', ['/dev/leaky']);
		runProgram(lab, 'writer', ['/dev/leaky']);
		expect(kindsOf(lab)).toEqual(['oops']);
		const oops = ofKind(lab, 'oops');
		expect(oops).toMatchObject({severity: 'error', times: 2, driver: 'leaky', task: {comm: 'writer'}});
		expect(whole(lab, oops).log.join('\n')).toMatch(/EIP[\s\S]*C: leaky\.c:\d+/);
	});
});

test('what a driver has lost is found once, whichever driver has the device afterwards, and stays its own', () => {
	const lab = withLeaky('ldd3', 'maps=1 keeps=1');
	rmmod(lab, 'leaky');
	const lost = ofKind(lab, 'mapping-lost');
	const kinds = () => findingsOf(lab).map(({kind, says}) => (kind === 'mapping-lost' ? says : kind));
	const before = kinds();
	insmod(lab, 'leaky.o', fixture('modules/leaky.ldd3.o'), '');
	pass(lab, 3);
	rmmod(lab, 'leaky');
	for (const action of ['bind', 'unbind']) {
		lab.write(`/sys/bus/pci/drivers/dad/${action}`, '0000:00:05.0', 'test');
		pass(lab, 0.1);
		const {bus} = files.page.parse(String(lab.read(pathOf(files.page, {pfn: lost.frames[0]!.pfn}))));
		expect(bus).toMatchObject([{driver: 'leaky', bytes: 1000}]);
	}
	expect(kinds()).toEqual(before);
});

test('what a finding happened within stays known when the trace does not know it any more', () => {
	const lab = withLeaky('6.1', 'pins=1');
	runProgram(lab, 'writer', ['/dev/leaky']);
	const pinned = ofKind(lab, 'pin-alone');
	for (const on of ['0', '1']) lab.write(files.tracingOn.path, on, 'test');
	expect(parseCause(String(lab.read(pathOf(files.cause, {object: pinned.objects[0]!})))).changes).toEqual([]);
	const [change] = causeOf(lab, pinned).changes;
	expect(change).toMatchObject({
		events: [{name: 'get_user_pages'}],
		origin: 'syscall',
		within: [{name: 'sys_write', result: '0x1000'}],
	});
	expect(() => lab.read(pathOf(files.cause, {object: 'finding:99'}))).toThrow('ENOENT: no finding 99');
});

/** What an experiment is found out by, and how it is run right. */
const mistakes: readonly (readonly [line: string, right: string, kind: FindingKind, era: EraName])[] = [
	['pin-leak', 'pin-leak fixed=1', 'pin-alone', 'ldd3'],
	['pool-leak', 'pool-leak free=1', 'pool-lost', '6.18'],
	['atomic-sleep', 'atomic-sleep sleep=0', 'slot-slept', 'ldd3'],
	['dad-unmaps-twice', 'dad-unmaps-twice fixed=1', 'dma-debug', '2.6.32'],
	['dad-wrong-size', 'dad-wrong-size fixed=1', 'dma-debug', '3.2'],
	['dad-wrong-direction', 'dad-wrong-direction fixed=1', 'dma-debug', '5.10'],
	['dad-ignores-map-error', 'dad-ignores-map-error fixed=1', 'dma-debug', '6.18'],
	['dma-mistake class=8', 'dma-mistake class=8 fixed=1', 'dma-debug', '6.1'],
	['aio-twice', 'aio-twice fixed=1', 'oops', 'ldd3'],
	['aio-touch', 'aio-touch fixed=1', 'bug', '5.10'],
];

test.each(mistakes)('%s is found out, %s has no finding: %s', (line, right, kind, era) => {
	const healthy = quietLab({era});
	run(healthy, right);
	expect(kindsOf(healthy)).toEqual([]);
	const lab = quietLab({era});
	run(lab, line);
	expect(kindsOf(lab)).toContain(kind);
	const found = ofKind(lab, kind);
	expect(found.says).not.toBe('');
	expect(whole(lab, found).finding).toEqual(found);
});

test('a pin that is released is over; a busy machine has no finding, though what is a second old is old', () => {
	const lab = bootLab({load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	lab.write(path, 'older 1', 'test');
	pass(lab, 6);
	expect(findingsOf(lab)).toEqual([]);
	run(lab, 'pin-leak');
	expect(findingsOf(lab)).toMatchObject([
		{id: 1, kind: 'pin-alone', untilUs: expect.any(Number), task: {comm: 'pinleak'}},
	]);
});

test('a driver that fails to take a device has lost what it did not give back, and nothing of the one before', () => {
	const {k, read} = quietMachine();
	const says = () =>
		findings(read)
			.filter(({kind}) => kind === 'mapping-lost')
			.map(each => each.says);
	const {dev} = k.pci.devices.find(each => each.dev.bus_id === '0000:00:05.0')!;
	const map = () => dma_map_single(k, dev, runThread(k, () => kmalloc(k, 64, GFP_KERNEL))!, 64, DMA_TO_DEVICE);
	const fails = (name: string, probe: () => void) =>
		runThread(k, () =>
			pci_register_driver(k, {
				name,
				id_table: () => [{...anyFunction, vendor: 0x1234}],
				*probe() {
					probe();
					return -EIO;
				},
				*remove() {},
			}),
		);
	map();
	driver_unbind(k, dev);
	expect(says()).toEqual([expect.stringMatching(/^dad left 0000:00:05\.0 with \d DMA mappings?: /)]);
	fails('tidy', () => {});
	expect(says()).toHaveLength(1);
	fails('untidy', map);
	expect(says().slice(1)).toEqual([expect.stringMatching(/^untidy left 0000:00:05\.0 with 1 DMA mapping: /)]);
});

test('a request that is not completed is found, until it is', () => {
	const machine = quietMachine();
	const {k} = machine;
	const iocb = init_sync_kiocb(k, {path: '/dev/never'} as file, 'READ', [], 0);
	const found = () => findings(machine.read);
	machine.run(10.2e9, mostEvents);
	expect(found()).toEqual([]);
	machine.run(12e9, mostEvents);
	expect(found()).toMatchObject([{kind: 'iocb-old', objects: [`iocb:${iocb.id}`], untilUs: null}]);
	releaseSyncKiocb(k, iocb);
	machine.run(14e9, mostEvents);
	expect(found()).toMatchObject([{kind: 'iocb-old', untilUs: expect.any(Number)}]);
});

test('a panic and memory that is out are findings', () => {
	const {k, read} = quietMachine({era: '6.1'});
	const found = () => findings(read);
	inReport(k, 'oom', () => printk(k, 4, 'demo invoked oom-killer'));
	expect(() => panic(k, 'no way on')).toThrow(KernelPanic);
	expect(found()).toMatchObject([
		{kind: 'oom', severity: 'warning', says: 'demo invoked oom-killer'},
		{kind: 'panic', severity: 'error', says: expect.stringContaining('no way on')},
	]);
});

test('lines of the kernel at the level of a warning are findings; a driver’s own and lesser ones are not', () => {
	const {k, read} = quietMachine();
	const found = () => findings(read);
	printk(k, 5, 'it is well');
	log_store(k, 1, 'Hello, world');
	expect(found()).toEqual([]);
	printk(k, 4, 'it is odd');
	printk(k, 3, 'and wrong');
	printk(k, 6, 'between');
	printk(k, 3, 'again\nand again');
	expect(found().map(({says, severity}) => [says, severity])).toEqual([
		['it is odd', 'warning'],
		['again', 'error'],
	]);
	const log = (id: number) => parseWholeFinding(String(read(pathOf(files.finding, {id})))).log;
	expect(log(2)).toEqual(
		['again', 'and again'].map(text => expect.stringMatching(`^<3>\\[ *\\d+\\.\\d{6}\\] ${text}$`)),
	);
	expect(log(1).map(line => line.slice(-9))).toEqual(['it is odd', 'and wrong']);
});

test('from how long on something is old can be written, within limits', () => {
	const lab = quietLab();
	for (const seconds of ['0.001', '3600']) {
		lab.write(path, `older ${seconds}`, 'test');
		expect(parseFindings(String(lab.read(path))).olderUs).toBe(Number(seconds) * 1e6);
	}
	for (const text of ['older 0.0009', 'older 3601', 'older', 'older -1', 'newer 1', '5'])
		expect(() => lab.write(path, text, 'test')).toThrow('EINVAL: findings takes "older SECONDS", 0.001 to 3600, got');
});

test('the same session gives the same findings, also when the machine went back', () => {
	const texts = (lab: Lab) =>
		[path, ...findingsOf(lab).map(({id}) => pathOf(files.finding, {id}))].map(each => lab.read(each));
	const lab = withLeaky('ldd3', 'maps=1 blocks=1 sleeps=1');
	const before = texts(lab);
	expect(before.length).toBeGreaterThan(4);
	const timeNs = lab.timeNs();
	rmmod(lab, 'leaky');
	pass(lab, 1);
	expect(texts(lab)).not.toEqual(before);
	lab.write(clockPath, `rewind ${timeNs}ns`, 'test');
	while (lab.timeNs() !== timeNs || lab.clock().stepsWanted > 0) lab.run(timeNs, mostEvents);
	expect(texts(lab)).toEqual(before);
});
