/** Exercises about registers, DMA and interrupts of the lab's PCI device. */
import {PAGE_SIZE, type PhysicalAddress} from '../../hardware/address.ts';
import {DAD_LENGTH} from '../../hardware/edu.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {labDeviceAddress} from '../board.ts';
import type {Exercise, Subject} from '../exercise.ts';
import type {Bench} from '../experiment.ts';
import {anonymous, got, told} from '../experiments/steps.ts';
import {dmaDump, interrupts, iomem, poolNamed, pools, slabinfo, vmallocinfo} from '../views.ts';
import {asWanted, mappingsOfDevice, opened, pattern, placeOf, works} from './steps.ts';

const needsDevice = true;

/** Where the registers of the lab's device lie. */
function registersOf(k: Kernel): PhysicalAddress {
	const pdev = got(
		k.pci.devices.find(({dev}) => dev.bus_id === labDeviceAddress),
		`there is no device ${labDeviceAddress}`,
	);
	return pci_resource_start(pdev, 0);
}

/** Bytes that the device has to give from now on. */
function loadDevice({board: {edu}}: Bench, seed: number): Uint8Array {
	const bytes = pattern(edu.buffer.length, seed);
	edu.buffer.set(bytes);
	return bytes;
}

/** The device has no more mappings than before the driver came. */
const noMapping = (x: Bench, {mappingsBefore}: Subject, sentence: string) =>
	x.expect(sentence, dmaDump, all => mappingsOfDevice()(all) - mappingsBefore, {equals: 0});

/** For how long, and how often, the device's mappings are looked at. */
const watchedNs = 100_000;
const lookEveryNs = 1_000;

/** Watches in which directions buffers are lent to the device from now on. @returns says which were seen */
function directionsFrom({k, read}: Bench, {mappedBefore}: Subject): () => string {
	const seen = new Set<string>();
	const look = () => {
		const {mappings} = read(dmaDump);
		for (const each of mappings)
			if (each.device === labDeviceAddress && !mappedBefore.has(placeOf(each))) seen.add(each.direction);
	};
	for (let ns = lookEveryNs; ns <= watchedNs; ns += lookEveryNs) k.hw.timeline.after(ns, look);
	return () => [...seen].join(' ');
}

export const registers: Exercise = {
	name: 'registers',
	title: 'Registers of a device',
	source: 'LDD3 pages 310 and 442',
	task: 'Write the parts of a PCI driver that take the device’s registers, map them with ioremap(), and give both back.',
	needsDevice,
	declares: ['registers mapped'],
	hints: {
		'/proc/iomem': 'probe has to call pci_request_regions(pdev, "…") with the name of the driver.',
		'the kernel has mapped': 'ioremap(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0)), kept in registers.',
		'write() of four bytes': 'registers is still NULL: probe has to keep there what ioremap() answers.',
		'the device’s register': 'The value has to go to the device: writel() to the mapped registers.',
		'when the driver is gone, the region': 'remove has to call pci_release_regions().',
		'when the driver is gone, nothing': 'remove has to call iounmap().',
	},
	*steps(x, subject) {
		const at = registersOf(x.k);
		const taken = ({resources}: ReturnType<typeof iomem.parse>) =>
			resources.some(({start, name}) => start === at && name === subject.module);
		x.expect('/proc/iomem has the region under the driver’s name', iomem, taken, {equals: true});
		x.expect('the kernel has mapped it', vmallocinfo, mappedAt(at), {equals: true});
		yield* x.show('registers mapped');
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 1);
		yield* u.poke32(memory, 0x1234);
		works(x, yield* u.write(fd, memory, 4), 'write() of four bytes succeeds');
		const register = x.k.hw.bus.read((at + DAD_LENGTH) as PhysicalAddress, 4);
		x.observe('the device’s register has them', register, {equals: 0x1234});
		works(x, yield* u.read(fd, memory + 8, 4), 'read() of four bytes succeeds');
		x.observe('read() gives them', yield* u.peek32(memory + 8), {equals: 0x1234});
		yield* close();
		return 'a register was written and read';
	},
	afterwards(x, subject) {
		const at = registersOf(x.k);
		const taken = ({resources}: ReturnType<typeof iomem.parse>) => resources.some(({name}) => name === subject.module);
		x.expect('when the driver is gone, the region is free', iomem, taken, {equals: false});
		x.expect('when the driver is gone, nothing maps it', vmallocinfo, mappedAt(at), {equals: false});
	},
};

const mappedAt =
	(at: PhysicalAddress) =>
	({areas}: ReturnType<typeof vmallocinfo.parse>): boolean =>
		areas.some(({physicalAddress, note}) => physicalAddress === at && note === null);

export const coherent: Exercise = {
	name: 'coherent',
	title: 'Memory for both',
	source: 'LDD3 page 446',
	task: 'Write what gets a PCI driver a page of coherent memory and a block of a DMA pool, and what gives both back.',
	needsDevice,
	declares: ['coherent memory there'],
	hints: {
		'the device has coherent':
			'probe has to call dma_alloc_coherent(&pdev->dev, PAGE_SIZE, &page_bus, GFP_KERNEL). ' +
			'The pool takes a page of its own.',
		'its pool has': 'dma_pool_create() under the driver’s name, then one dma_pool_alloc(pool, GFP_KERNEL, &block_bus).',
		'read() of the page': 'page is still NULL, or the device got no bus address: keep what dma_alloc_coherent() gives.',
		'read() of the block': 'block is still NULL: keep what dma_pool_alloc() gives.',
		'the page has':
			'The device was given another address than the page has: page_bus is the one that dma_alloc_coherent() sets.',
		'the block has':
			'The device was given another address than the block has: block_bus is the one that dma_pool_alloc() sets.',
		'when the driver is gone':
			'remove has to free the block (dma_pool_free), the pool (dma_pool_destroy) and the page (dma_free_coherent).',
	},
	*steps(x, subject) {
		const count = (all: Parameters<ReturnType<typeof mappingsOfDevice>>[0]) =>
			mappingsOfDevice('coherent')(all) - subject.mappingsBefore;
		x.expect('the device has coherent memory: the page, and one of the pool', dmaDump, count, {atLeast: 2});
		const used = (all: ReturnType<ReturnType<typeof pools>['parse']>) => poolNamed(subject.module)(all)?.blocksInUse;
		x.expect('its pool has one block in use', pools(labDeviceAddress), used, {equals: 1});
		yield* x.show('coherent memory there');
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 1);
		const bytes = loadDevice(x, 0x21);
		works(x, yield* u.pread(fd, memory, 256, 0), 'read() of the page succeeds');
		x.observe('the page has what the device wrote', yield* asWanted(u, memory, bytes.subarray(0, 256)), {equals: 256});
		works(x, yield* u.pread(fd, memory, 64, PAGE_SIZE), 'read() of the block succeeds');
		x.observe('the block has what the device wrote', yield* asWanted(u, memory, bytes.subarray(0, 64)), {equals: 64});
		yield* close();
		return 'the device was to write into the page and into the block';
	},
	afterwards: (x, subject) => noMapping(x, subject, 'when the driver is gone, so is its coherent memory'),
};

export const stream: Exercise = {
	name: 'stream',
	title: 'Whose is the buffer?',
	source: 'LDD3 page 449',
	task:
		'Write the parts of a PCI driver that lend a buffer to the device: a direction for each way, and syncs for a look ' +
		'in between. On this machine all goes through bounce buffers.',
	preset: 'bounce',
	needsDevice,
	declares: ['bytes sent'],
	hints: {
		'write() of 512 bytes': 'Map the buffer, have the device read it (LAB_TO_DEVICE), wait, unmap; answer count.',
		'the buffer was': 'The bytes go to the device: DMA_TO_DEVICE.',
		'for the other way': 'The bytes come from the device: DMA_FROM_DEVICE.',
		'the device has got':
			'The bytes go to the device, so the direction is DMA_TO_DEVICE: only then are they copied to it.',
		'read() of 512 bytes':
			'Map the buffer, have the device write it (LAB_FROM_DEVICE), wait, unmap; copy it to the program.',
		'the first byte':
			'While the buffer is mapped it belongs to the device. dma_sync_single_for_cpu() before you look at it: on this ' +
			'machine that is what copies the bytes.',
		'the program has': 'The bytes come from the device: DMA_FROM_DEVICE, and they are there after dma_unmap_single().',
		'no buffer is mapped': 'Each dma_map_single() needs a dma_unmap_single(), with the same size and direction.',
	},
	*steps(x, subject) {
		const {edu} = x.board;
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 1);
		const sent = pattern(512, 0x30);
		edu.buffer.fill(0);
		yield* u.poke(memory, sent);
		const lent = directionsFrom(x, subject);
		works(x, yield* u.write(fd, memory, sent.length), 'write() of 512 bytes succeeds');
		x.observe('the buffer was lent to the device as', lent(), {equals: 'DMA_TO_DEVICE'});
		const odd = sent.findIndex((byte, i) => edu.buffer[i] !== byte);
		x.observe('the device has got so many bytes', odd < 0 ? sent.length : odd, {equals: sent.length});
		yield* x.show('bytes sent');
		const bytes = loadDevice(x, 0xc1).subarray(0, 512);
		const lentAgain = directionsFrom(x, subject);
		works(x, yield* u.read(fd, memory, bytes.length), 'read() of 512 bytes succeeds');
		x.observe('for the other way it was lent as', lentAgain(), {equals: 'DMA_FROM_DEVICE'});
		x.observe('the first byte, taken before the buffer came back, is right', yield* u.peek8(memory), {
			equals: bytes[0]!,
		});
		x.observe('the program has all bytes', yield* asWanted(u, memory, bytes), {equals: bytes.length});
		noMapping(x, subject, 'no buffer is mapped any more');
		yield* close();
		return '512 bytes were to go each way';
	},
};

const pieces = 3;

export const scatter: Exercise = {
	name: 'scatter',
	title: 'Three buffers, one mapping',
	source: 'LDD3 page 450',
	task:
		'Write the part of a PCI driver that maps a scatterlist and has the device fill its pieces. On this machine an ' +
		'IOMMU translates, so bus addresses are not physical addresses.',
	preset: 'iommu',
	needsDevice,
	declares: ['buffers filled'],
	hints: {
		'read() of three pages':
			'EIO comes from dma_map_sg() that answers 0, or from lab_wait() where the device found no memory: give it ' +
			'sg_dma_address(), not the physical address.',
		'the program has':
			'Go through as many pieces as dma_map_sg() answered, with sg_dma_address() and sg_dma_len() of each: a piece may ' +
			'stand for several buffers.',
		'no list is mapped': 'dma_unmap_sg() with the number that was given to dma_map_sg(), on every way out.',
	},
	*steps(x, subject) {
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, pieces);
		const bytes = loadDevice(x, 0x47).subarray(0, pieces * PAGE_SIZE);
		works(x, yield* u.read(fd, memory, bytes.length), 'read() of three pages succeeds');
		yield* x.show('buffers filled');
		x.observe('the program has so many bytes', yield* asWanted(u, memory, bytes), {equals: bytes.length});
		noMapping(x, subject, 'no list is mapped any more');
		yield* close();
		return 'three pages were asked of the device';
	},
};

/** When another device's interrupts come, while the transfer goes on. */
const strangersNs = [2_000, 8_000, 15_000, 25_000];

export const interrupt: Exercise = {
	name: 'interrupt',
	title: 'The end comes by interrupt',
	source: 'LDD3 page 452',
	task:
		'Write the handler of a PCI driver, take its line, which is shared, and sleep until the handler says that the ' +
		'bytes are there.',
	needsDevice,
	declares: ['handler there'],
	hints: {
		'the line has': 'probe has to call request_irq(pdev->irq, …, IRQF_SHARED, "…", pdev) under the driver’s name.',
		'read() of 4096 bytes': 'Where failed is set although the device is well, the handler looks at the wrong bit.',
		'the program has':
			'read() looked before the device was done. wait_event(queue, done), and done is set in the handler alone.',
		'an interrupt of another':
			'The line is shared. Without LAB_DONE in LAB_STATUS it was not your device: IRQ_NONE, and nothing is woken.',
		'the handler was': 'The line of /proc/interrupts did not count: was another line taken?',
		'when the driver is gone': 'remove has to call free_irq(pdev->irq, pdev), with the same dev_id.',
	},
	*steps(x, subject) {
		const {k} = x;
		const line = x.board.edu.pci.identity.interruptLine;
		const has = handlerOf(line, subject.module);
		x.expect('the line has a handler of the driver', interrupts, has, {equals: true});
		yield* x.show('handler there');
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 1);
		const bytes = loadDevice(x, 0x11).subarray(0, PAGE_SIZE);
		works(x, yield* u.read(fd, memory, PAGE_SIZE), 'read() of 4096 bytes succeeds');
		x.observe('the program has so many bytes', yield* asWanted(u, memory, bytes), {equals: PAGE_SIZE});
		const before = countOf(line)(x.read(interrupts));
		const other = loadDevice(x, 0x95).subarray(0, PAGE_SIZE);
		for (const ns of strangersNs) k.hw.timeline.after(ns, () => k.hw.interrupts.raise(line));
		works(x, yield* u.read(fd, memory, PAGE_SIZE), 'read() of 4096 bytes succeeds again');
		const seen = yield* asWanted(u, memory, other);
		x.observe('an interrupt of another device on the line does not end the wait', seen, {equals: PAGE_SIZE});
		const grown = (all: Parameters<ReturnType<typeof countOf>>[0]) => countOf(line)(all) - before;
		x.expect('the handler was called for each', interrupts, grown, {atLeast: 2});
		yield* close();
		return 'two transfers were waited for';
	},
	afterwards(x, subject) {
		const line = x.board.edu.pci.identity.interruptLine;
		x.expect('when the driver is gone, so is its handler', interrupts, handlerOf(line, subject.module), {
			equals: false,
		});
	},
};

type Interrupts = ReturnType<typeof interrupts.parse>;

const handlerOf =
	(line: number, name: string) =>
	({lines}: Interrupts): boolean =>
		lines.some(({irq, actions}) => irq === line && actions.includes(name));
const countOf =
	(line: number) =>
	({lines}: Interrupts): number =>
		lines.find(({irq}) => irq === line)?.counts.reduce((sum, count) => sum + count, 0) ?? 0;

/** So many reads fail. A cache that has grown by a quarter of that at most has not lost their buffers. */
const failures = 32;
const bufferBytes = 2048;

export const leak: Exercise = {
	name: 'leak',
	title: 'A leak to find',
	source: 'LDD3 page 449',
	task:
		'Find what a driver loses at each read that fails, and mend it. Nothing is missing; something is never ' +
		'given back.',
	needsDevice,
	declares: ['reads failed'],
	hints: {
		'a read to a bad address': 'Keep the answer: what cannot be written to is -EFAULT.',
		'no mapping':
			'Follow each return of read() after dma_map_single(): is there one without dma_unmap_single()? ' +
			`${dmaDump.path} lists the mappings that stay.`,
		'no buffer': 'Follow each return of read() after kmalloc(): is there one without kfree()?',
		'the program has': 'A read that succeeds has to copy what the device wrote, after the buffer was unmapped.',
	},
	*steps(x, subject) {
		const {u, fd, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 1);
		const bytes = loadDevice(x, 0x66).subarray(0, 512);
		const before = objectsOut(x.read(slabinfo));
		let answered = -1;
		for (let i = 0; i < failures; i++) {
			// Half of them at an address that no program has, half where this one has nothing.
			answered = yield* u.read(fd, i % 2 === 0 ? 0 : memory - PAGE_SIZE * 64, bytes.length);
		}
		x.observe('a read to a bad address is refused', told(Math.min(answered, 0)), {equals: '-EFAULT'});
		yield* x.show('reads failed');
		noMapping(x, subject, 'no mapping stays after reads that failed');
		const grown = (all: ReturnType<typeof slabinfo.parse>) => objectsOut(all) - before;
		x.expect('no buffer stays after them', slabinfo, grown, {atMost: failures / 4});
		works(x, yield* u.read(fd, memory, bytes.length), 'a read to a good address succeeds');
		x.observe('the program has so many bytes', yield* asWanted(u, memory, bytes), {equals: bytes.length});
		yield* close();
		return `${failures} reads were to fail, and one to succeed`;
	},
};

/** Objects in use of the cache that the driver's buffers come from. */
const objectsOut = ({caches}: ReturnType<typeof slabinfo.parse>): number =>
	caches.find(({name, objSize}) => objSize === bufferBytes && /^(?:size|kmalloc)-[\dk]+$/.test(name))?.activeObjs ?? 0;
