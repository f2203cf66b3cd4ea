/**
 * What CPU and device see of a streaming buffer, step by step; `real_dma` with true transfers of the example device.
 */
import {busAddress, PAGE_SIZE, type Pfn, physicalAddress} from '../../source/hardware/address.ts';
import {
	DAD_ADDRESS,
	DAD_CMD_ENABLEDMA,
	DAD_CMD_RD,
	DAD_CMD_WR,
	DAD_COMMAND,
	DAD_LENGTH,
	DAD_STATUS,
	DAD_STATUS_DONE,
	Edu,
} from '../../source/hardware/edu.ts';
import {try_dma_alloc_coherent} from '../../source/kernel/dma/coherent.ts';
import {DMA_FROM_DEVICE, DMA_TO_DEVICE, type dma_data_direction} from '../../source/kernel/dma/direction.ts';
import {
	DMA_ATTR_SKIP_CPU_SYNC,
	dma_map_page,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_sync_single_range_for_cpu,
	dma_sync_single_range_for_device,
	dma_unmap_page,
} from '../../source/kernel/dma/mapping.ts';
import {type device, pci_scan_function} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {forgetDevice, freshDevice, questionOf, relateLeaves} from './dmaDevice.ts';
import {machinesByRun, offsetOf, physicalHex, relation, withPages, type ZoneName} from './dmaMachines.ts';
import {directionNamed} from './dmaStreaming.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|seq|what|legend|page_zone|dir|zone|steps\.\d+\.op)$/;
export const isSyncAnswer = (path: string): boolean => !questionPath.test(path);

const hex2 = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`;

/** A page seen from both sides: the driver's buffer, and memory at the bus address. */
class Buffer {
	readonly dma;
	private readonly k: Kernel;
	private readonly dev: device;
	private readonly cpuAt: number;
	private readonly length: number;
	private readonly direction: dma_data_direction;

	constructor(k: Kernel, dev: device, page: Pfn, offset: number, length: number, direction: dma_data_direction) {
		this.k = k;
		this.dev = dev;
		this.cpuAt = page * PAGE_SIZE + offset;
		this.length = length;
		this.direction = direction;
		this.dma = dma_map_page(k, dev, page, offset, length, direction);
	}

	get bounced(): boolean {
		return Number(this.dma) !== this.cpuAt;
	}

	cpu = (at: number) => hex2(this.k.hw.ram.read8(physicalAddress(this.cpuAt + at)));
	device = (at: number) => hex2(this.k.hw.bus.dmaRead(this.dev.bus_id, busAddress(this.dma + at), 1)[0]!);
	cpuWrites = (value: number, bytes = this.length) => this.k.hw.ram.fill(physicalAddress(this.cpuAt), bytes, value);
	deviceWrites = (value: number, bytes = this.length) =>
		this.k.hw.bus.dmaWrite(this.dev.bus_id, this.dma, new Uint8Array(bytes).fill(value));
	forCpu = () => dma_sync_single_for_cpu(this.k, this.dev, this.dma, this.length, this.direction);
	forDevice = () => dma_sync_single_for_device(this.k, this.dev, this.dma, this.length, this.direction);
	unmap = (attrs = 0) => dma_unmap_page(this.k, this.dev, this.dma, this.length, this.direction, attrs);

	/** First and last byte from both sides. */
	look(op: string): Vector {
		const last = this.length - 1;
		return {
			op,
			cpu_first: this.cpu(0),
			cpu_last: this.cpu(last),
			dev_first: this.device(0),
			dev_last: this.device(last),
		};
	}
}

const fullBytes = 2048;

const fill = (k: Kernel, page: Pfn, value: number) => k.hw.ram.pageForWrite(page).fill(value);

function full(k: Kernel, dev: device, vector: Vector, page: Pfn, direction: dma_data_direction): Vector {
	fill(k, page, 0x11);
	const buffer = new Buffer(k, dev, page, 0, fullBytes, direction);
	const step = (op: string, action: () => void) => {
		action();
		return buffer.look(op);
	};
	const steps = [
		{op: 'cpu=0x11 before map'},
		buffer.look('map'),
		step('cpu writes 0x22', () => buffer.cpuWrites(0x22)),
		step('sync_for_device', buffer.forDevice),
		step('device writes 0x33', () => buffer.deviceWrites(0x33)),
		step('sync_for_cpu', buffer.forCpu),
		step('cpu writes 0x44', () => buffer.cpuWrites(0x44)),
		step('sync_for_device', buffer.forDevice),
		step('cpu writes 0x55 (no sync)', () => buffer.cpuWrites(0x55)),
		step('device writes 0x66 to first half', () => buffer.deviceWrites(0x66, fullBytes / 2)),
		step('unmap', buffer.unmap),
	];
	const addresses = {phys: physicalHex(page * PAGE_SIZE), dma: physicalHex(buffer.dma)};
	return {...vector, bounced: buffer.bounced, ...addresses, steps};
}

const shortBytes = 1024;

function shortWrite(k: Kernel, dev: device, vector: Vector, page: Pfn, direction: dma_data_direction): Vector {
	fill(k, page, 0x11);
	const buffer = new Buffer(k, dev, page, 0, shortBytes, direction);
	buffer.deviceWrites(0x77, shortBytes / 2);
	const written = buffer.look('device writes 0x77 to first half');
	buffer.unmap();
	const steps = [
		{op: 'cpu=0x11, map'},
		written,
		buffer.look('unmap'),
		{op: 'beyond', cpu_byte_after_len: buffer.cpu(shortBytes)},
	];
	return {...vector, bounced: buffer.bounced, steps};
}

function unaligned(k: Kernel, dev: device, vector: Vector, page: Pfn, direction: dma_data_direction): Vector {
	fill(k, page, 0x11);
	const [offset, length] = [100, 50];
	k.hw.ram.fill(physicalAddress(page * PAGE_SIZE + offset), length, 0x12);
	const buffer = new Buffer(k, dev, page, offset, length, direction);
	const seen = {dma_low11: buffer.dma % 2048, dev_first: buffer.device(0), dev_last: buffer.device(length - 1)};
	buffer.deviceWrites(0xaa);
	buffer.unmap();
	const after_unmap = Object.fromEntries([99, 100, 149, 150].map(at => [at, buffer.cpu(at - offset)]));
	return {...vector, bounced: buffer.bounced, ...seen, after_unmap};
}

function range(k: Kernel, dev: device, vector: Vector, page: Pfn, direction: dma_data_direction): Vector {
	const places = [0, 63, 64, 95, 96, 255];
	const from = (look: (at: number) => string) => Object.fromEntries(places.map(at => [at, look(at)]));
	fill(k, page, 0x11);
	const buffer = new Buffer(k, dev, page, 0, 256, direction);
	buffer.deviceWrites(0x88);
	dma_sync_single_range_for_cpu(k, dev, buffer.dma, 64, 32, direction);
	const cpu = from(buffer.cpu);
	buffer.cpuWrites(0x99);
	dma_sync_single_range_for_device(k, dev, buffer.dma, 64, 32, direction);
	const then_cpu_0x99_range_for_device = from(buffer.device);
	buffer.unmap(DMA_ATTR_SKIP_CPU_SYNC);
	const after = {after_unmap_SKIP_CPU_SYNC_cpu0: buffer.cpu(0)};
	return {...vector, bounced: buffer.bounced, cpu, then_cpu_0x99_range_for_device, ...after};
}

function sequence(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	const seq = String(vector.seq);
	const run = /^full/.test(seq) ? full : /^short/.test(seq) ? shortWrite : /^unaligned/.test(seq) ? unaligned : range;
	const direction = directionNamed(vector.dir);
	const answer = withPages(k, vector.page_zone as ZoneName, PAGE_SIZE, page => run(k, dev, vector, page, direction));
	forgetDevice(k, dev);
	return answer;
}

// ── true transfers ─────────────────────────────────────────────────────────────────────────────────────────────────

const poolBytes = 256;

/** The example device, in a slot of its own for each vector's machine. */
class Bench {
	private readonly k: Kernel;
	readonly edu: Edu;
	readonly dev: device;
	private static readonly registers = physicalAddress(0xfe90_0000);

	constructor(k: Kernel) {
		this.k = k;
		this.edu = new Edu(k.hw, {address: '0000:00:05.0', registers: Bench.registers, interruptLine: 9});
		this.edu.pci.busMaster = true;
		this.dev = pci_scan_function(k, this.edu.pci).dev;
	}

	private register(offset: number, value: number): void {
		this.k.hw.bus.write(physicalAddress(Bench.registers + offset), 4, value);
	}

	/** One transfer, from start to its end. */
	transfer(command: number, dma: number, bytes = poolBytes): void {
		this.register(DAD_COMMAND, command);
		this.register(DAD_ADDRESS, dma >>> 0);
		this.register(DAD_LENGTH, bytes);
		this.register(DAD_COMMAND, DAD_CMD_ENABLEDMA);
		const status = () => this.k.hw.bus.read(physicalAddress(Bench.registers + DAD_STATUS), 4);
		while ((status() & DAD_STATUS_DONE) === 0)
			if (!this.k.hw.timeline.step(Number.MAX_SAFE_INTEGER)) throw new Error('the device never finished');
		this.register(DAD_STATUS, 0xff);
	}

	reads(dma: number): string {
		this.edu.buffer.fill(0);
		this.transfer(DAD_CMD_WR, dma);
		return hex2(this.edu.buffer[0]!);
	}

	writes(dma: number, value: number): void {
		this.edu.buffer.fill(value);
		this.transfer(DAD_CMD_RD, dma);
	}
}

function realDma(k: Kernel, bench: Bench, vector: Vector): Vector {
	const what = String(vector.what);
	const {dev} = bench;
	const direction = vector.dir === undefined ? DMA_TO_DEVICE : directionNamed(vector.dir);
	if (/coherent RAM/.test(what)) return loopback(k, bench, vector);
	const zone = /HighMem/.test(what) ? 'HighMem' : 'Normal';
	return withPages(k, zone, PAGE_SIZE, page => {
		if (/device reads a HighMem page/.test(what)) {
			fill(k, page, 0xd1);
			const buffer = new Buffer(k, dev, page, 0, poolBytes, DMA_TO_DEVICE);
			const addresses = {phys: physicalHex(page * PAGE_SIZE), dma: physicalHex(buffer.dma)};
			const device_saw = bench.reads(buffer.dma);
			buffer.unmap();
			return {...vector, ...addresses, device_saw, timeout: 0};
		}
		if (/device writes 0xd2/.test(what)) {
			const buffer = new Buffer(k, dev, page, 0, poolBytes, DMA_FROM_DEVICE);
			bench.writes(buffer.dma, 0xd2);
			buffer.unmap();
			return {...vector, cpu_after_unmap: buffer.cpu(0)};
		}
		if (/pci_clear_master/.test(what)) return withoutMaster(k, bench, vector, page);
		if (/WRITES/.test(what)) {
			fill(k, page, 0xc1);
			const buffer = new Buffer(k, dev, page, 0, poolBytes, direction);
			bench.writes(buffer.dma, 0xb1);
			const cpu_before_sync = buffer.cpu(0);
			buffer.forCpu();
			const cpu_after_sync_for_cpu = buffer.cpu(0);
			buffer.unmap();
			const looks = {cpu_before_sync, cpu_after_sync_for_cpu, cpu_after_unmap: buffer.cpu(0)};
			return {...vector, bounced: buffer.bounced, ...looks, timeout: 0};
		}
		fill(k, page, 0xa1);
		const buffer = new Buffer(k, dev, page, 0, poolBytes, direction);
		buffer.cpuWrites(0xa2);
		if (/sync_for_device/.test(what)) buffer.forDevice();
		const device_saw = bench.reads(buffer.dma);
		buffer.unmap();
		return {...vector, bounced: buffer.bounced, device_saw, cpu_after_unmap: buffer.cpu(0), timeout: 0};
	});
}

/** A device that is not a bus master moves nothing. */
function withoutMaster(k: Kernel, bench: Bench, vector: Vector, page: Pfn): Vector {
	fill(k, page, 0xe1);
	const buffer = new Buffer(k, bench.dev, page, 0, poolBytes, directionNamed('DMA_BIDIRECTIONAL'));
	bench.edu.buffer.fill(0);
	bench.edu.pci.busMaster = false;
	bench.transfer(DAD_CMD_WR, buffer.dma);
	bench.edu.pci.busMaster = true;
	bench.transfer(DAD_CMD_RD, buffer.dma);
	buffer.unmap();
	return {...vector, got: buffer.cpu(0)};
}

function loopback(k: Kernel, bench: Bench, vector: Vector): Vector {
	const memory = try_dma_alloc_coherent(k, bench.dev, PAGE_SIZE, GFP_KERNEL)!;
	const from = physicalAddress(memory.dma_handle);
	const to = physicalAddress(memory.dma_handle + 2048);
	const pattern = Uint8Array.from({length: poolBytes}, (_, i) => (i * 7 + 1) & 0xff);
	k.hw.ram.write(from, pattern);
	bench.transfer(DAD_CMD_WR, memory.dma_handle);
	bench.transfer(DAD_CMD_RD, memory.dma_handle + 2048);
	const copy = k.hw.ram.read(to, poolBytes);
	return {...vector, timeout: 0, bytes_ok: copy.filter((byte, i) => byte === pattern[i]).length};
}

export const dmaSync = vectorTopic({
	name: 'dma_sync',
	accepts: document => document.file === 'dma_sync.json',
	isAnswer: isSyncAnswer,
	relate: relateLeaves((path, leaf, vector) => {
		if (path === 'phys') return offsetOf(leaf);
		return path === 'dma' ? relation(leaf, vector.phys, 'phys') : leaf;
	}),
	nameOf: vector => ['run', 'seq', 'what', 'page_zone', 'dir'].map(field => vector[field] ?? '').join(' '),
	prepare: () => {
		const kernelOf = machinesByRun();
		const benches = new Map<Kernel, Bench>();
		return recorded => {
			const k = kernelOf(recorded);
			const vector = questionOf(recorded, questionPath);
			if (vector.topic === 'dma_sync') return sequence(k, vector);
			const bench = benches.get(k) ?? new Bench(k);
			benches.set(k, bench);
			return realDma(k, bench, vector);
		};
	},
});
