/** What each device does about a cycle on the bus that is aborted: as its hardware does, and never by an exception. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {busAddress, physicalAddress, port} from '../../source/hardware/address.ts';
import {BusError} from '../../source/hardware/bus.ts';
import {Chance} from '../../source/hardware/chance.ts';
import {DISK_DONE, DISK_ERROR, DISK_IRQ_ENABLE, DISK_ISSUE, DISK_LIST, Disk} from '../../source/hardware/disk.ts';
import {Dma8237} from '../../source/hardware/dma8237.ts';
import {
	DAD_ADDRESS,
	DAD_CMD_ENABLEDMA,
	DAD_CMD_RD,
	DAD_CMD_WR,
	DAD_COMMAND,
	DAD_LEFT,
	DAD_LENGTH,
	DAD_STATUS,
	Edu,
} from '../../source/hardware/edu.ts';
import {Iommu} from '../../source/hardware/iommu.ts';
import {ISA_DAD_OUTPUT, ISA_DAD_PORT, ISA_DAD_SAMPLE, IsaDad} from '../../source/hardware/isa_dad.ts';
import {Lan} from '../../source/hardware/lan.ts';
import {type Hardware, powerOn} from '../../source/hardware/machine.ts';
import {
	NIC_COMMAND,
	NIC_COMMAND_INTERRUPT,
	NIC_COMMAND_RUN,
	NIC_COMMAND_TRANSMIT,
	NIC_EVENT_BUS_ERROR,
	NIC_EVENTS,
	NIC_RX_RING,
	NIC_SIZES,
	NIC_TX_RING,
	Nic,
} from '../../source/hardware/nic.ts';
import {
	PCI_COMMAND_MEMORY,
	PCI_STATUS_REC_MASTER_ABORT,
	PCI_STATUS_REC_TARGET_ABORT,
	type PciFunction,
} from '../../source/hardware/pci.ts';
import {
	ASYNCLISTADDR,
	CMD_ASE,
	CMD_PSE,
	CMD_RUN,
	PERIODICLISTBASE,
	STS_FATAL,
	STS_HALT,
	USBCMD,
	USBINTR,
	USBSTS,
	UsbHostController,
} from '../../source/hardware/usb.ts';
import {UsbMouse, UsbRecorder, UsbStick} from '../../source/hardware/usb_functions.ts';

const ramBytes = 16 << 20;
const aperture = 0xd000_0000;
const pages = 64;
const [diskAt, nicAt, usbAt, eduAt] = [0xfe00_0000, 0xfe01_0000, 0xfe02_0000, 0xfe03_0000];
const isaChannel = 1;
const secondNs = 1_000_000_000;

function board(iommuPages?: number) {
	const hw = powerOn({
		...{memBytes: ramBytes, cpus: 1, seed: 7, paging: 'two-level', firmwareMap: []},
		...(iommuPages === undefined ? {} : {iommuPages}),
	});
	const lines: number[] = [];
	hw.interrupts.deliver = (_cpu, line) => void lines.push(line);
	const at = (registers: number, address: string, interruptLine: number) => ({
		...{address, interruptLine},
		registers: physicalAddress(registers),
	});
	const disk = new Disk(hw, {...at(diskAt, '0000:00:1f.2', 14), sectors: 10_000});
	const nic = new Nic(hw, at(nicAt, '0000:00:03.0', 11));
	const usb = new UsbHostController(hw, at(usbAt, '0000:00:1d.7', 10));
	usb.plug(new UsbMouse(1, hw.chance));
	usb.plug(new UsbStick(2));
	usb.plug(new UsbRecorder(3, hw.timeline));
	const edu = new Edu(hw, at(eduAt, '0000:00:04.0', 9));
	const dma = new Dma8237(hw.bus);
	const isa = new IsaDad(hw, dma, {channel: isaChannel, interruptLine: 7});
	const lan = new Lan(hw, new Chance(1), nic);
	for (const {pci} of [disk, nic, usb, edu]) {
		pci.command = PCI_COMMAND_MEMORY;
		pci.busMaster = true;
	}
	const write = (registers: number, register: number, value: number) =>
		hw.bus.write(physicalAddress(registers + register), 4, value);
	const read = (registers: number, register: number) => hw.bus.read(physicalAddress(registers + register), 4);
	const letPass = (ns = secondNs) => {
		const end = hw.timeline.nowNs + ns;
		while (hw.timeline.step(end)) {}
	};
	return {hw, lines, disk, nic, usb, edu, dma, isa, lan, write, read, letPass};
}

type Board = ReturnType<typeof board>;

const word = ({ram}: Hardware, at: number, value: number) => ram.write32(physicalAddress(at), value);

/** Programs channel 1 of the 8237. */
function program({hw}: Board, mode: number, address: number, bytes: number): void {
	const out = (at: number, value: number) => hw.bus.out(port(at), 1, value);
	out(0x0a, 4 | isaChannel);
	out(0x0c, 0);
	out(0x0b, mode | isaChannel);
	out(0x02, address);
	out(0x02, address >> 8);
	out(0x83, address >> 16);
	out(0x03, bytes - 1);
	out(0x03, (bytes - 1) >> 8);
	out(0x0a, isaChannel);
}

/** Where no memory answers, and how the cycle ends. */
const places: readonly (readonly [string, number | undefined, number, 'master' | 'target'])[] = [
	['behind the end of RAM', undefined, ramBytes, 'master'],
	['at the top of the address space', undefined, 0xffff_f000, 'master'],
	['outside the aperture of an IOMMU, in RAM', pages, 0x10_0000, 'master'],
	['in the aperture, where nothing is mapped', pages, aperture, 'target'],
	['in the last page of the aperture', pages, aperture + (pages - 1) * 4096, 'target'],
	['behind the aperture', pages, aperture + pages * 4096, 'master'],
];

const bits = {master: PCI_STATUS_REC_MASTER_ABORT, target: PCI_STATUS_REC_TARGET_ABORT};

/** The function saw this abort and no other, until software clears the bit. */
function expectAbort(pci: PciFunction, abort: 'master' | 'target'): void {
	expect(pci.status).toBe(bits[abort]);
	pci.clearStatus(bits[abort === 'master' ? 'target' : 'master']);
	expect(pci.status).toBe(bits[abort]);
	pci.clearStatus(bits[abort]);
	expect(pci.status).toBe(0);
}

describe.each(places)('where no memory answers: %s', (_where, iommuPages, nowhere, abort) => {
	test('the disk ends the command with its error bit', () => {
		const b = board(iommuPages);
		b.write(diskAt, DISK_LIST, nowhere);
		b.write(diskAt, DISK_IRQ_ENABLE, 1);
		b.write(diskAt, DISK_ISSUE, 0b11);
		b.letPass();
		expect([b.read(diskAt, DISK_DONE), b.read(diskAt, DISK_ERROR), b.read(diskAt, DISK_ISSUE)]).toEqual([3, 3, 0]);
		expect(b.lines).toEqual([14, 14]);
		expectAbort(b.disk.pci, abort);
	});

	test('the network card stops and says so', () => {
		const b = board(iommuPages);
		const start = NIC_COMMAND_RUN | NIC_COMMAND_INTERRUPT;
		b.write(nicAt, NIC_RX_RING, nowhere);
		b.write(nicAt, NIC_TX_RING, nowhere);
		b.write(nicAt, NIC_SIZES, 4 | (4 << 16));
		for (const stops of [
			() => b.lan.send(60, false),
			() => b.write(nicAt, NIC_COMMAND, start | NIC_COMMAND_TRANSMIT),
		]) {
			b.write(nicAt, NIC_COMMAND, start);
			stops();
			b.letPass();
			expect(b.read(nicAt, NIC_EVENTS)).toBe(NIC_EVENT_BUS_ERROR);
			expect(b.read(nicAt, NIC_COMMAND) & NIC_COMMAND_RUN).toBe(0);
			expectAbort(b.nic.pci, abort);
			b.write(nicAt, NIC_EVENTS, NIC_EVENT_BUS_ERROR);
		}
		expect(b.lines).toEqual([11, 11]);
	});

	test.each([
		['ring', CMD_ASE, ASYNCLISTADDR],
		['frame list', CMD_PSE, PERIODICLISTBASE],
	])('the USB controller halts with a host system error at its %s', (_list, enable, register) => {
		const b = board(iommuPages);
		expect(b.read(usbAt, USBSTS)).toBe(STS_HALT);
		b.write(usbAt, USBINTR, STS_FATAL);
		b.write(usbAt, register, nowhere);
		b.write(usbAt, USBCMD, CMD_RUN);
		expect(b.read(usbAt, USBSTS)).toBe(0);
		b.write(usbAt, USBCMD, CMD_RUN | enable);
		b.letPass();
		expect(b.read(usbAt, USBSTS)).toBe(STS_FATAL | STS_HALT);
		expect(b.read(usbAt, USBCMD)).toBe(enable);
		expect(b.lines).toEqual([10]);
		b.write(usbAt, USBSTS, STS_FATAL | STS_HALT);
		expect(b.read(usbAt, USBSTS)).toBe(STS_HALT);
		expectAbort(b.usb.pci, abort);
	});

	test.each([DAD_CMD_RD, DAD_CMD_WR])('the example device ends a transfer with its error bit (command %i)', command => {
		const b = board(iommuPages);
		b.write(eduAt, DAD_ADDRESS, nowhere);
		b.write(eduAt, DAD_LENGTH, 1_024);
		b.write(eduAt, DAD_COMMAND, command | DAD_CMD_ENABLEDMA);
		b.letPass();
		expect([b.read(eduAt, DAD_STATUS), b.read(eduAt, DAD_LEFT)]).toEqual([3, 1_024]);
		expect(b.lines).toEqual([9]);
		expectAbort(b.edu.pci, abort);
	});
});

describe('the 8237 knows nothing of bus errors', () => {
	test.each([
		['fills memory', 0x04, ISA_DAD_SAMPLE],
		['takes from memory', 0x08, ISA_DAD_OUTPUT],
	])('a transfer that %s counts down to its end behind an IOMMU, and the card interrupts', (_way, mode, command) => {
		const b = board(pages);
		b.isa.memory.fill(0x5a);
		program(b, mode, 0x12_3000, 4_096);
		b.hw.bus.out(port(ISA_DAD_PORT), 1, command);
		b.letPass();
		expect(b.lines).toEqual([7]);
		expect(b.dma.channels[isaChannel]).toMatchObject({count: 0xffff, address: 0x4000, masked: true});
		// What was written is lost, what was read is the floating bus.
		expect(b.hw.ram.read8(physicalAddress(0x12_3000))).toBe(0);
		expect([...new Set(b.isa.memory.subarray(0, 4_096))]).toEqual([mode === 0x04 ? 0x5a : 0xff]);
	});

	test('each byte is a cycle of its own: pages that answer get theirs, before and behind one that does not', () => {
		const b = board(pages);
		const iommu = new Iommu(4, 0x10_0000);
		b.hw.bus.iommu = iommu;
		iommu.set(0, 0x200, 'isa-dma', true);
		iommu.set(1, 0x201, 'another device', true);
		iommu.set(2, 0x202, 'isa-dma', true);
		const samples = Uint8Array.from({length: 3 * 4096}, (_, i) => 1 + (i >> 12));
		program(b, 0x04, 0x10_0000, samples.length);
		expect(b.dma.fromDevice(isaChannel, samples)).toBe(samples.length);
		const first = [0x200, 0x201, 0x202].map(frame => b.hw.ram.read8(physicalAddress(frame * 4096)));
		expect(first).toEqual([1, 0, 3]);
		program(b, 0x08, 0x10_0000, samples.length);
		const taken = b.dma.toDevice(isaChannel, samples.length);
		expect([taken[0], taken[4095], taken[4096], taken[8191], taken[8192]]).toEqual([1, 1, 0xff, 0xff, 3]);
	});
});

test('a transfer that runs over the end of RAM moves what lies before it, and then is aborted', () => {
	const {hw} = board();
	const at = busAddress(ramBytes - 4);
	expect(() => hw.bus.dmaWrite('test', at, Uint8Array.of(1, 2, 3, 4, 5))).toThrow(BusError);
	expect(hw.bus.dmaBytesFromDevice).toBe(4);
	expect([...hw.bus.dmaRead('test', at, 4)]).toEqual([1, 2, 3, 4]);
});

test('a function that is not a bus master meets no abort', () => {
	const b = board();
	for (const {pci} of [b.disk, b.nic, b.usb, b.edu]) pci.busMaster = false;
	b.write(diskAt, DISK_LIST, ramBytes);
	b.write(diskAt, DISK_ISSUE, 1);
	b.write(eduAt, DAD_ADDRESS, ramBytes);
	b.write(eduAt, DAD_COMMAND, DAD_CMD_WR | DAD_CMD_ENABLEDMA);
	b.write(usbAt, USBCMD, CMD_RUN | CMD_ASE | CMD_PSE);
	b.letPass(20e6);
	expect(b.read(diskAt, DISK_ERROR)).toBe(1);
	expect([b.disk, b.nic, b.usb, b.edu].map(({pci}) => pci.status)).toEqual([0, 0, 0, 0]);
});

/** Values that a driver gone wrong, or memory overwritten by another device, may hand to a device. */
const values = fc.oneof(
	fc.constantFrom(0, 1, 4, 0x1000, ramBytes - 4, ramBytes, aperture, 0x8000_0000, 0xffff_ffff),
	fc.integer({min: 0, max: 0xffff_ffff}),
	fc.integer({min: 0, max: ramBytes / 32 - 1}).map(index => index * 32),
);
const writes = fc.array(
	fc.record({
		registers: fc.constantFrom(diskAt, nicAt, usbAt, eduAt),
		register: fc.integer({min: 0, max: 8}).map(index => index * 4),
		value: values,
	}),
	{minLength: 1, maxLength: 30},
);

test.each([
	undefined,
	pages,
])('no write to any register, and no bytes in memory, make a device throw (IOMMU: %s)', iommu => {
	fc.assert(
		fc.property(fc.array(values, {minLength: 16, maxLength: 64}), writes, (garbage, session) => {
			const b = board(iommu);
			for (let at = 0; at < 0x4000; at += 4) word(b.hw, at, garbage[(at >> 2) % garbage.length]!);
			const table = b.hw.bus.iommu as Iommu | undefined;
			for (let page = 0; table && page < 4; page++) table.set(page, page, b.usb.pci.address, page !== 3);
			for (const {registers, register, value} of session) {
				b.write(registers, register, value);
				b.lan.send();
				b.letPass(3e6);
			}
		}),
		{numRuns: 40, seed: 1},
	);
});
