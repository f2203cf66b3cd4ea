/** truth/i386 vma_flags: what a driver's mmap method sees for each open mode, protection and kind of mapping. */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import {O_RDONLY, O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';
import {loadTruthDriver, openDevice, resetAreas, type TruthDriver} from './truthDriver.ts';
import {load, mapsLines, okOrErrno, vmFlags} from './userProgram.ts';
import {relateInodes} from './vmaOps.ts';

const base = 0x6000_0000;
const openFlags: Readonly<Record<string, number>> = {O_RDONLY, O_WRONLY, O_RDWR};

const protection = (letters: string) =>
	[...letters].reduce((prot, letter, index) => prot | (letter === '-' ? 0 : 1 << index), 0);

function* answer(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	resetAreas(driver);
	const {run, topic, open, prot, map} = vector as Record<string, string>;
	const fd = openDevice(driver, 'FAULT', openFlags[open!]);
	const flags = MAP_FIXED | (map === 'MAP_SHARED' ? MAP_SHARED : MAP_PRIVATE);
	const mapped = yield* sys_mmap2(k, base, PAGE_SIZE, protection(prot!), flags, fd, 0);
	const head = {run, topic, open, prot, map, ret: okOrErrno(mapped)};
	if (mapped < 0) return {...head, driver_saw: driver.events.splice(0)};
	const seen = {maps: mapsLines(k, base, base + PAGE_SIZE), VmFlags: vmFlags(k, base)};
	const driver_saw = driver.events.splice(0);
	const mprotect_rw = okOrErrno(yield* sys_mprotect(k, base, PAGE_SIZE, PROT_READ | PROT_WRITE));
	return {...head, ...seen, mprotect_rw, read: yield* load(k, base), driver_saw};
}

export const vmaFlags = vectorTopic({
	name: 'vma_flags',
	accepts: document => document.file === 'vma_flags.json',
	isAnswer: path => !/^(run|topic|open|prot|map)$/.test(path),
	relate: vector => ({...vector, ...('maps' in vector ? {maps: relateInodes(vector.maps, new Map())} : {})}),
	nameOf: vector => `${vector.open} ${vector.prot} ${vector.map}`,
	prepare() {
		const drivers = new Map<string, TruthDriver>();
		return vector => {
			const run = String(vector.run);
			let driver = drivers.get(run);
			if (!driver) drivers.set(run, (driver = loadTruthDriver(runMachine(run))));
			const loaded = driver;
			return runProcess(driver.k, () => answer(loaded, vector));
		};
	},
});
