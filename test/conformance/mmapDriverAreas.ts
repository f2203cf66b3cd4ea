/**
 * truth/i386 mmap_driver, topics drv_region, drv_remap_args and drv_ram: which areas and arguments a remapping takes.
 */
import {PAGE_SIZE, type Pfn, pfn, type UserAddress, userAddress} from '../../source/hardware/address.ts';
import {EINVAL} from '../../source/kernel/errno.ts';
import {VM_FAULT_SIGBUS, type vm_area_struct} from '../../source/kernel/mm/mm_types.ts';
import {MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {get_page, PageReserved, page_count, pfn_valid} from '../../source/kernel/mm/page.ts';
import {PAGE_READONLY, PAGE_SHARED} from '../../source/kernel/mm/protection.ts';
import {remap_pfn_range} from '../../source/kernel/mm/remap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import type {Vector} from './topic.ts';
import {driverSees, mmapEvent, openWith, resetAreas, type TruthDriver} from './truthDriver.ts';
import {hex, load, mapsLines, okOrErrno, pteFields, store, vmFlags} from './userProgram.ts';

const base = 0x6000_0000;
const ERANGE = 34;
const bytes = (pages: number) => pages * PAGE_SIZE;
const at = (page: number): UserAddress => userAddress(base + bytes(page));

type Fields = Record<string, unknown>;

export function* answerAreas(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	resetAreas(driver);
	switch (vector.topic) {
		case 'drv_region':
			return yield* region(driver, vector);
		case 'drv_remap_args':
			return yield* remapArguments(driver, vector);
		case 'drv_ram':
			return yield* anyFrame(driver, vector);
		default:
			throw new Error(`no topic of the test driver is called "${vector.topic}"`);
	}
}

// ── drv_region: offsets and lengths within an area of four pages ───────────────────────────────────────────────────

/** The check of LDD3's simple_remap_mmap, whose subtraction wraps: an offset beyond the area passes it. */
function lddCheck(driver: TruthDriver, vma: vm_area_struct, regionPages: number): number {
	const offset = bytes(vma.vm_pgoff);
	const wanted = vma.vm_end - vma.vm_start;
	const left = bytes(regionPages) - offset;
	if (left < 0) {
		driver.events.push({ev: 'underflow: check passed although offset is beyond the region'});
		return -ERANGE;
	}
	return wanted > left ? -EINVAL : 0;
}

function* region(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	const {run, topic, variant} = vector;
	const [region_pages, len_pages, pgoff] = [vector.region_pages, vector.len_pages, vector.pgoff].map(Number) as [
		number,
		number,
		number,
	];
	const fd = openWith(driver, '/dev/truth25', function* (_k, _file, vma) {
		driver.events.push(mmapEvent(vma));
		let result = lddCheckOrIomap(driver, vma, region_pages, variant === 'LDD_REGION');
		if (result < 0 && variant === 'LDD_REGION') return result;
		if (result === 0) {
			const first = pfn(driver.areas.gfp[0]! + vma.vm_pgoff);
			result = remap_pfn_range(k, vma, vma.vm_start, first, vma.vm_end - vma.vm_start, vma.vm_page_prot);
		}
		driver.events.push({ev: 'mmap_done', ret: result, vm_flags: hex(vma.vm_flags)});
		return result;
	});
	const mapped = yield* sys_mmap2(k, base, bytes(len_pages), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, pgoff);
	const ret = mapped === -ERANGE ? 'ERANGE(test marker: LDD3 check would have accepted)' : okOrErrno(mapped);
	const fields: Fields = {run, topic, variant, region_pages, len_pages, pgoff, ret};
	if (mapped >= 0) {
		fields.first = yield* load(k, base);
		fields.last = yield* load(k, at(len_pages - 1));
	}
	return {...fields, events: driver.events.splice(0)};
}

/** vm_iomap_memory's check refuses what does not fit whole. */
function lddCheckOrIomap(driver: TruthDriver, vma: vm_area_struct, regionPages: number, ldd: boolean): number {
	if (ldd) return lddCheck(driver, vma, regionPages);
	const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
	return vma.vm_pgoff + pages > regionPages ? -EINVAL : 0;
}

// ── drv_remap_args: unusual arguments of remap_pfn_range ───────────────────────────────────────────────────────────

/** What the device does, by the words of the case; the number is the offset that selects it. */
const cases: Readonly<
	Record<string, {readonly pgoff: number; readonly map: (driver: TruthDriver, vma: vm_area_struct) => number}>
> = {
	'only pages 1 and 2 of the vma populated': {
		pgoff: 2,
		map: ({k, areas}, vma) => remap_pfn_range(k, vma, at(1), areas.gfp[1]!, bytes(2), vma.vm_page_prot),
	},
	'four calls, pages in reverse order': {
		pgoff: 3,
		map({k, areas}, vma) {
			for (let page = 0; page < 4; page++) {
				const error = remap_pfn_range(k, vma, at(page), areas.gfp[3 - page]!, PAGE_SIZE, vma.vm_page_prot);
				if (error < 0) return error;
			}
			return 0;
		},
	},
	'size 1 byte': {
		pgoff: 4,
		map: ({k, areas}, vma) => remap_pfn_range(k, vma, at(0), areas.gfp[0]!, 1, vma.vm_page_prot),
	},
	'prot argument PAGE_READONLY although vma is writable': {
		pgoff: 5,
		map: ({k, areas}, vma) => remap_pfn_range(k, vma, at(0), areas.gfp[0]!, bytes(4), PAGE_READONLY),
	},
	'prot argument PAGE_SHARED (writable) ; vma mapped PROT_READ': {
		pgoff: 6,
		map: ({k, areas}, vma) => remap_pfn_range(k, vma, at(0), areas.gfp[0]!, bytes(4), PAGE_SHARED),
	},
};

function* remapArguments(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	const {run, topic, flags} = vector;
	const words = String(vector.case);
	const wanted = cases[words];
	if (!wanted) throw new Error(`no arguments are known as "${words}"`);
	const fd = openWith(driver, '/dev/truth24', function* (_k, _file, vma) {
		return wanted.map(driver, vma);
	});
	const readOnly = words.endsWith('PROT_READ');
	const type = flags === 'MAP_SHARED' ? MAP_SHARED : MAP_PRIVATE;
	const prot = readOnly ? PROT_READ : PROT_READ | PROT_WRITE;
	const mapped = yield* sys_mmap2(k, base, bytes(4), prot, type | MAP_FIXED, fd, wanted.pgoff);
	const fields: Fields = {run, topic, case: words, flags, ret: okOrErrno(mapped)};
	if (mapped < 0) return fields;
	fields.maps = mapsLines(k, base, at(4));
	fields.VmFlags = vmFlags(k, base);
	for (const page of [0, 1, 2, 3]) fields[`read${page}`] = yield* load(k, at(page));
	fields.pte1 = pteFields(k, at(1));
	if (words.startsWith('prot argument')) {
		fields.write1 = yield* store(k, at(1), 0x66);
		fields.pte1_after_write = pteFields(k, at(1));
		fields.driver_page1 = driverSees(driver, 'FAULT')[1];
	}
	return fields;
}

// ── drv_ram: any frame, remapped or handed over by a fault method ──────────────────────────────────────────────────

const notRam = -1000;

function* anyFrame(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	const {run, topic, via, pfn_is} = vector;
	const ours = String(pfn_is).startsWith('page of the driver');
	const frame: Pfn = ours ? driver.areas.gfp[0]! : pfn(Number(vector.pfn));
	const fd = openWith(driver, '/dev/truth0', function* (_k, _file, vma) {
		if (via === 'remap_pfn_range') return remap_pfn_range(k, vma, vma.vm_start, frame, PAGE_SIZE, vma.vm_page_prot);
		vma.vm_ops = {
			name: 'truth_any_frame_vm_ops',
			*fault(k, _vma, vmf) {
				if (!pfn_valid(k, frame) || page_count(k, frame) === 0) return VM_FAULT_SIGBUS;
				get_page(k, frame);
				vmf.page = frame;
				return 0;
			},
		};
		return 0;
	});
	const mapped = yield* sys_mmap2(k, base, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, frame);
	const head: Fields = {run, topic, via, pfn: hex(frame), pfn_is, mmap: okOrErrno(mapped)};
	if (mapped < 0) return head;
	const known = frame < k.layout.max_pfn;
	return {
		...head,
		read: yield* load(k, base),
		page_count: known ? page_count(k, frame) : notRam,
		reserved: known && PageReserved(k, frame) ? 1 : 0,
		pte: pteFields(k, base),
		VmFlags: vmFlags(k, base),
	};
}
