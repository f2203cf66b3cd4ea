/**
 * A driver in C that asks for all that a driver of a PCI device may ask for (fixtures/modules/device.c), and the files
 * that show it.
 */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseKallsyms} from '../../source/formats/proc/kallsyms.ts';
import {parseKmsg} from '../../source/formats/proc/kmsg.ts';
import {ERA_NAMES, type EraName, erasFrom} from '../../source/kernel/era/behaviour.ts';
import {labDeviceAddress} from '../../source/lab/board.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
import {mostEvents, quietLab} from './support.ts';

const directory = '/sys/kernel/debug/lab';
const drivers = '/sys/bus/pci/drivers';
const step = (lab: Lab) => void lab.run(lab.timeNs() + 20e6, mostEvents);

function insmod(lab: Lab, name: string, object: string, parameters = ''): void {
	const bytes = readFileSync(new URL(`../../fixtures/modules/${object}`, import.meta.url));
	const number = lab.write(`${directory}/insmod`, `load ${name}.o ${bytes.length}`, 'test');
	lab.write(`${directory}/insmod`, `data ${number} ${bytes.toString('base64')}`, 'test');
	lab.write(`${directory}/insmod`, `insert ${number} ${parameters}`, 'test');
	step(lab);
}

const log = (lab: Lab) => parseKmsg(lab.read('/proc/kmsg') as string).lines.map(({text}) => text);
const said = (lab: Lab) => log(lab).flatMap(line => /^device: (?!loading out-of-tree)(.*)/.exec(line)?.[1] ?? []);

/** A driver of 5.x has calls that give back by themselves. */
const managed = ['managed 0', 'its window 0', 'table 1 0', 'kept 1', 'lines 1 -28'];
const expected = (era: EraName) => [
	'probe 0, data 2',
	'config 11e81234 11e8 1',
	'odd 87',
	'fields 1234:11e8 class 118000 irq 9 same 1',
	'name 0000:00:05.0 slot 5 bus 0',
	'window 1000 of 1000, resource 1 1 200',
	'no second window: 0 0',
	'command 2, a master 6',
	'regions 0',
	'again -16',
	'a part of them 0',
	'registers 1234 77 34',
	'found 1',
	'lines 0 0',
	'alone -16',
	"nobody's -22",
	'coherent 1, at its bus address 1',
	'pool 32 bytes apart, aligned 1',
	'mask of 12 bits -5',
	'mask of 32 bits 0',
	'single 1, error 0',
	'page 1, error 0',
	'  entry 100 at 1',
	'  entry 200 at 1',
	'  entry 300 at 1',
	'copied 600: in high memory',
	'high 1, count 1',
	'mapped again ac, alike 1',
	'ports 1',
	'the last of them 0',
	"the controller's 0",
	'channel 0',
	'again -16',
	...(erasFrom('5.10').includes(era) ? managed : []),
];

test.each(sampleOf(ERA_NAMES, 2, 3))('%s answers as a kernel should, and gets all back', era => {
	const lab = quietLab({era});
	const files = ['/proc/iomem', '/proc/ioports', '/proc/dma', '/sys/kernel/debug/dma-api/dump'];
	lab.write(`${drivers}/dad/unbind`, labDeviceAddress, 'test');
	step(lab);
	const before = files.map(path => lab.read(path));
	insmod(lab, 'device', `device.${era}.o`);
	expect(said(lab)).toEqual(expected(era));
	expect(log(lab).filter(line => /DMA-API: .*device driver|mmtop:|has no \w+ that drivers/.test(line))).toEqual([]);
	lab.write(`${directory}/rmmod`, 'device', 'test');
	step(lab);
	expect(said(lab).at(-1)).toBe('removed, data 1');
	expect(files.map(path => lab.read(path))).toEqual(before);
	expect(lab.read('/proc/interrupts')).not.toMatch(/device/);
});

test('a device goes from one driver to another, and nobody gets one that is taken', () => {
	const lab = quietLab({era: '6.1'});
	insmod(lab, 'device', 'device.6.1.o');
	expect(said(lab), 'dad has it').toEqual([]);
	expect(() => lab.write(`${drivers}/device/bind`, labDeviceAddress, 'test')).toThrow(
		/ENODEV: .*driven by dad already/,
	);
	expect(() => lab.write(`${drivers}/device/unbind`, labDeviceAddress, 'test')).toThrow(/driven by dad, not by device/);
	expect(() => lab.write(`${drivers}/dad/unbind`, '0000:00:99.0', 'test')).toThrow(/ENODEV: there is no device/);
	lab.write(`${drivers}/dad/unbind`, `${labDeviceAddress}\n`, 'test');
	step(lab);
	lab.write(`${drivers}/device/bind`, labDeviceAddress, 'test');
	step(lab);
	expect(said(lab)[0]).toBe('probe 0, data 2');
	lab.write(`${drivers}/device/unbind`, labDeviceAddress, 'test');
	step(lab);
	lab.write(`${drivers}/dad/bind`, labDeviceAddress, 'test');
	step(lab);
	expect(lab.read(`${directory}/machine`)).toMatch(/0000:00:05\.0.*dad/);
	expect(lab.list(`${drivers}`)).toEqual(expect.arrayContaining(['dad/', 'device/']));
});

test('names, sections and parameters of a module are files', () => {
	const lab = quietLab({era: '6.1'});
	expect(lab.read('/proc/kallsyms')).toBe('');
	insmod(lab, 'wild', 'wild.6.1.o', 'stores=0 seed=7');
	const {symbols} = parseKallsyms(lab.read('/proc/kallsyms') as string);
	const text = Number(lab.read('/sys/module/wild/sections/.text'));
	expect(symbols.find(({name}) => name === 'store')).toMatchObject({module: 'wild', type: 't'});
	expect(symbols.find(({name}) => name === 'store')!.address).toBeGreaterThanOrEqual(text);
	expect(symbols.find(({name}) => name === 'kmalloc')).toMatchObject({module: null, type: 'T'});
	expect(symbols.find(({name}) => name === 'mem_map')).toMatchObject({module: null, type: 'D'});
	expect(lab.read('/sys/module/wild/refcnt')).toBe('0\n');
	expect(lab.read('/sys/module/wild/parameters/seed')).toBe('7\n');
	expect(() => lab.write('/sys/module/wild/parameters/seed', '8', 'test')).toThrow(/EACCES: .*its mode is 0444/);
	expect(() => lab.read('/sys/module/wild/parameters/none')).toThrow(/ENOENT/);
	expect(() => lab.read('/sys/module/tame/refcnt')).toThrow(/ENOENT/);
});
