import {changes} from './behaviour.ts';

const macAddress = (bytes: readonly number[]) => bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':');

/** As %pR prints an address: ports with four digits. */
const hexOf = (address: number, kind: 'ports' | 'memory') =>
	address.toString(16).padStart(kind === 'ports' ? 4 : 8, '0');

/** What device drivers of different kernels say, and how large their records are. */
export const driverBehaviours = {
	/** What the core says of a driver that refused a device, and where it begins. */
	probeFailedLine: changes<(driver: string, busId: string, error: number) => string>(
		'drivers/base/bus.c 2.6.11, dd.c; dev_err() since 6.9',
		{
			ldd3: (driver, busId, error) => `${driver}: probe of ${busId} failed with error ${error}`,
			'6.18': (driver, busId, error) => `${driver} ${busId}: probe with driver ${driver} failed with error ${error}`,
		},
	),
	/** What the core says of a window that somebody else has. */
	pciRegionBusyLine: changes<
		(
			busId: string,
			bar: number,
			region: {readonly start: number; readonly end: number},
			kind: 'ports' | 'memory',
		) => string
	>('drivers/pci/pci.c pci_request_region(): %pR since 2.6.33', {
		ldd3: (busId, bar, {start, end}, kind) =>
			`PCI: Unable to reserve ${kind === 'ports' ? 'I/O' : 'mem'} region #${bar + 1}:` +
			`${(end - start + 1).toString(16)}@${start.toString(16)} for device ${busId}`,
		'3.2': (busId, bar, {start, end}, kind) =>
			`${busId}: BAR ${bar}: can't reserve [${kind === 'ports' ? 'io ' : 'mem'} ` +
			`0x${hexOf(start, kind)}-0x${hexOf(end, kind)}]`,
	}),
	irqFlagBits: changes<{readonly shared: number; readonly disabled: number}>(
		'asm-i386/signal.h SA_SHIRQ; include/linux/interrupt.h IRQF_SHARED, 2.6.18; IRQF_DISABLED gone in 4.1',
		{
			ldd3: {shared: 0x0400_0000, disabled: 0x2000_0000},
			'2.6.32': {shared: 0x80, disabled: 0x20},
			'5.10': {shared: 0x80, disabled: 0},
		},
	),
	freeFreeIrqWarns: changes<boolean>('kernel/irq/manage.c __free_irq(): WARN since 2.6.27', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** What free_irq() says of a handler that is not there. */
	freeFreeIrqLine: changes<(line: number) => string>('kernel/irq/manage.c free_irq(): WARN since 2.6.27', {
		ldd3: line => `Trying to free free IRQ${line}`,
		'2.6.32': line => `Trying to free already-free IRQ ${line}`,
	}),

	// ── e100 ──────────────────────────────────────────────────────────────────────────────────────────────────────
	/** What e100_probe() logs: bus id, interface, physical address of the registers, interrupt, station address. */
	e100ProbeLine: changes<
		(busId: string, name: string, registers: number, irq: number, station: readonly number[]) => string
	>('drivers/net/e100.c DPRINTK; %pM, 2.6.29; netif_info, 2.6.35; last form in fixtures/vectors/i386 dmesg of 5.10', {
		ldd3: (_busId, name, registers, irq, station) =>
			`e100: ${name}: e100_probe: addr 0x${registers.toString(16)}, irq ${irq}, MAC addr ` +
			`${macAddress(station).toUpperCase()}`,
		'2.6.32': (_busId, name, registers, irq, station) =>
			`e100: ${name}: e100_probe: addr 0x${registers.toString(16)}, irq ${irq}, MAC addr ${macAddress(station)}`,
		'3.2': (busId, name, registers, irq, station) =>
			`e100 ${busId}: ${name}: addr 0x${registers.toString(16)}, irq ${irq}, MAC addr ${macAddress(station)}`,
		'5.10': (busId, name, registers, irq, station) =>
			`e100 ${busId} ${name}: addr 0x${registers.toString(16)}, irq ${irq}, MAC addr ${macAddress(station)}`,
	}),

	// ── ehci ──────────────────────────────────────────────────────────────────────────────────────────────────────
	ehciDriverName: changes<string>('drivers/usb/host/ehci-pci.c, 3.8; fixtures/captures', {
		ldd3: 'ehci_hcd',
		'5.10': 'ehci-pci',
	}),
	/** What is logged when a controller comes up, behind driver and bus id. */
	ehciProbeLines: changes<(bus: number, irq: number, registers: number) => readonly string[]>(
		'drivers/usb/core/hcd-pci.c, host/ehci-hcd.c; fixtures/vectors/i386 dmesg of 5.10',
		{
			ldd3: (bus, irq, registers) => [
				'EHCI Host Controller',
				`irq ${irq}, pci mem 0x${registers.toString(16)}`,
				`new USB bus registered, assigned bus number ${bus}`,
				'USB 2.0 initialized, EHCI 1.00, driver 10 Dec 2004',
			],
			'2.6.32': (bus, irq, registers) => [
				'EHCI Host Controller',
				`new USB bus registered, assigned bus number ${bus}`,
				`irq ${irq}, io mem 0x${registers.toString(16)}`,
				'USB 2.0 started, EHCI 1.00',
			],
		},
	),
	/**
	 * Bytes of a queue head: the driver's own fields lay behind the hardware's until they moved to kmalloc()ed memory.
	 */
	ehciQhBytes: changes<number>('drivers/usb/host/ehci.h; struct ehci_qh_hw, 2.6.32; fixtures/captures', {
		ldd3: 128,
		'2.6.32': 96,
	}),
	/** Bytes of an isochronous transfer; the array usecs[8] went away. */
	ehciItdBytes: changes<number>('drivers/usb/host/ehci.h struct ehci_itd; fixtures/captures', {
		ldd3: 192,
		'2.6.32': 160,
	}),
	/** Action that /proc/interrupts shows for the first USB bus. */
	usbIrqName: changes<(bus: number) => string>('drivers/usb/core/hcd.c: irq_descr, 2.6.15', {
		ldd3: () => 'ehci_hcd',
		'2.6.32': bus => `ehci_hcd:usb${bus}`,
	}),
} as const;
