/**
 * Models drivers/usb/host/ehci-hcd.c and core/hcd-pci.c (2.6.11 and later): a USB 2 host controller is taken into use,
 * interrupts, and is given back. Its records and pools are in ehci_mem.ts, its schedules in ehci_q.ts.
 *
 * Not modelled: control endpoints (functions are configured already), isochronous transfers, the root hub, companions,
 * suspend.
 */
import {type KernelVirtualAddress, kernelAddress} from '../../hardware/address.ts';
import {
	ASYNCLISTADDR,
	CMD_RUN,
	FRAME_LIST_ENTRIES,
	PERIODICLISTBASE,
	STS_FATAL,
	STS_INT,
	USBINTR,
	USBSTS,
} from '../../hardware/usb.ts';
import {type CoherentMemory, dma_alloc_coherent, dma_free_coherent} from '../dma/coherent.ts';
import {dma_set_mask} from '../dma/masks.ts';
import {EIO, ENOMEM} from '../errno.ts';
import {free_irq, request_irq, synchronize_irq} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {ioremap, iounmap, readl, writel} from '../mm/ioremap.ts';
import {printk} from '../printk.ts';
import {type Sleeps, type Spends, spend} from '../time.ts';
import {driver_bind, driver_unbind} from './dd.ts';
import {
	DMA_BIT_MASK,
	dev_label,
	type pci_dev,
	pci_disable_device,
	pci_enable_device,
	pci_resource_len,
	pci_resource_start,
	pci_set_master,
} from './device.ts';
import {
	type EhciPools,
	ehci_mem_cleanup,
	ehci_mem_pools,
	type ehci_qh,
	ehci_qh_alloc,
	ehci_qh_free,
} from './ehci_mem.ts';
import {dropTransfers, ehci_work, linkPeriodic, linkRing, setCommand} from './ehci_q.ts';
import type {usb_interface} from './usb.ts';

const FRAME_LIST_BYTES = FRAME_LIST_ENTRIES * 4;
/** Bit of the first information word of the queue head that starts the ring. */
const QH_HEAD = 0x8000;
/** Number of the machine's only USB bus. */
const BUS = 1;

export type ehci_hcd = {
	readonly pdev: pci_dev;
	readonly registers: KernelVirtualAddress;
	readonly pools: EhciPools;
	/** The frame list. */
	readonly periodic: CoherentMemory;
	/** Head of the ring: an empty queue that is always there. */
	readonly asyncHead: ehci_qh;
	/** Queues of endpoints, in the order of being linked. */
	readonly queues: Map<string, ehci_qh>;
	/** Drivers of the functions behind it. */
	readonly interfaces: usb_interface[];
	/** What was last written to USBCMD. */
	command: number;
	/** Stopped, by the driver or by itself. */
	halted: boolean;
	interrupts: number;
	/** URBs given back since boot, and bytes that they moved. */
	urbsDone: number;
	bytesDone: number;
};

const register = (ehci: Pick<ehci_hcd, 'registers'>, offset: number) => kernelAddress(ehci.registers + offset);

// ── interrupt ──────────────────────────────────────────────────────────────────────────────────────────────────────

function* ehci_irq(k: Kernel, ehci: ehci_hcd): Spends<void> {
	const status = readl(k, register(ehci, USBSTS)) & (STS_INT | STS_FATAL);
	yield* spend(0);
	if (status === 0) return;
	ehci.interrupts++;
	writel(k, status, register(ehci, USBSTS));
	yield* ehci_work(k, ehci);
	if ((status & STS_FATAL) !== 0) yield* usb_hc_died(k, ehci);
	yield* spend(0);
}

/** The controller has stopped by itself: nothing that is under way will end. */
function* usb_hc_died(k: Kernel, ehci: ehci_hcd): Spends<void> {
	const label = dev_label(k, ehci.pdev.dev);
	printk(k, 3, `${label}: fatal error`);
	printk(k, 3, `${label}: HC died; cleaning up`);
	ehci.halted = true;
	setCommand(k, ehci, 0);
	for (const qh of ehci.queues.values()) yield* dropTransfers(k, ehci, qh);
}

const PROBE_CALLERS = ['ehci_probe'];

// ── probe and remove ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Takes a controller into use: pools, frame list, ring, interrupt. May sleep.
 * @returns the driver's record, or -EIO (no DMA), -ENOMEM, -EBUSY (its interrupt is taken)
 */
export function* ehci_probe(k: Kernel, pdev: pci_dev): Sleeps<ehci_hcd | number> {
	pci_enable_device(pdev);
	driver_bind(pdev.dev, k.era.ehciDriverName);
	const registers = ioremap(k, pci_resource_start(pdev, 0), pci_resource_len(pdev, 0), 'usb_hcd_pci_probe');
	const pools = ehci_mem_pools(k, pdev.dev);
	const periodic = yield* dma_alloc_coherent(k, pdev.dev, FRAME_LIST_BYTES, GFP_KERNEL, PROBE_CALLERS);
	const asyncHead = pools && ehci_qh_alloc(k, pools, undefined, QH_HEAD, GFP_KERNEL);
	const parts = {registers, pools, periodic, asyncHead};
	const canDma = dma_set_mask(k, pdev.dev, DMA_BIT_MASK(32)) === 0;
	if (registers === undefined || !pools || !periodic || !asyncHead || !canDma) {
		releaseDevice(k, pdev, parts);
		return canDma ? -ENOMEM : -EIO;
	}
	const ehci: ehci_hcd = {
		pdev,
		registers,
		pools,
		periodic,
		asyncHead,
		queues: new Map(),
		interfaces: [],
		command: 0,
		halted: false,
		interrupts: 0,
		urbsDone: 0,
		bytesDone: 0,
	};
	const refused = request_irq(k, pdev.irq, () => ehci_irq(k, ehci), k.era.usbIrqName(BUS));
	if (refused !== 0) {
		releaseDevice(k, pdev, parts);
		return refused;
	}
	ehci_start(k, ehci);
	for (const line of k.era.ehciProbeLines(BUS, pdev.irq, pci_resource_start(pdev, 0)))
		printk(k, 6, `${dev_label(k, pdev.dev)}: ${line}`);
	return ehci;
}

function ehci_start(k: Kernel, ehci: ehci_hcd): void {
	linkRing(k, ehci);
	linkPeriodic(k, ehci);
	pci_set_master(ehci.pdev);
	writel(k, ehci.periodic.dma_handle, register(ehci, PERIODICLISTBASE));
	writel(k, ehci.asyncHead.dma, register(ehci, ASYNCLISTADDR));
	writel(k, STS_INT | STS_FATAL, register(ehci, USBINTR));
	setCommand(k, ehci, CMD_RUN);
}

/** Has the drivers let go of their functions, stops the controller and gives everything back. May sleep. */
export function* ehci_remove(k: Kernel, ehci: ehci_hcd): Sleeps<void> {
	const {pdev} = ehci;
	for (const bound of [...ehci.interfaces]) yield* bound.disconnect();
	ehci.halted = true;
	setCommand(k, ehci, 0);
	writel(k, 0, register(ehci, USBINTR));
	yield* synchronize_irq(k, pdev.irq);
	free_irq(k, pdev.irq);
	releaseDevice(k, pdev, ehci);
}

type Parts = {
	readonly registers: KernelVirtualAddress | undefined;
	readonly pools: EhciPools | undefined;
	readonly periodic: CoherentMemory | undefined;
	readonly asyncHead: ehci_qh | undefined;
};

function releaseDevice(k: Kernel, pdev: pci_dev, {registers, pools, periodic, asyncHead}: Parts): void {
	if (pools && asyncHead) ehci_qh_free(k, pools, asyncHead);
	if (periodic) dma_free_coherent(k, pdev.dev, FRAME_LIST_BYTES, periodic.cpu_addr, periodic.dma_handle);
	if (pools) ehci_mem_cleanup(k, pools);
	if (registers !== undefined) iounmap(k, registers);
	driver_unbind(k, pdev.dev);
	pci_disable_device(pdev);
}
