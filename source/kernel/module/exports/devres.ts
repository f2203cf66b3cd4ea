/** The devm_ and pcim_ calls: what is given back by itself when the driver leaves its device. */
import {type KernelLogicalAddress, kernelAddress, logicalAddress} from '../../../hardware/address.ts';
import {type device, type pci_dev, pci_disable_device, pci_enable_device} from '../../drivers/device.ts';
import {EINVAL, ENOMEM, ENOSPC} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite32} from '../../mm/access.ts';
import {GFP_KERNEL, type gfp_t} from '../../mm/gfp.ts';
import {iounmap} from '../../mm/ioremap.ts';
import {kfree, kmalloc, try_kzalloc} from '../../mm/slab.ts';
import type {Sleeps} from '../../time.ts';
import {deviceAt, pciAt} from '../deviceWindows.ts';
import {besides, type Gate, type GateCall} from '../state.ts';
import {textAtAddress} from '../text.ts';
import {BARS, iomap, isPort, releaseRegion, requestRegion} from './pci.ts';

function* allocate({k, arg}: GateCall): Sleeps<number> {
	const dev = deviceAt(k, arg(0));
	const at = yield* kmalloc(k, arg(1), (arg(2) | 0) as gfp_t);
	if (at === undefined) return 0;
	dev.devres.push({key: at, release: kernel => kfree(kernel, at)});
	return at;
}

/** Gives one thing back before its time. */
function releaseNow(k: Kernel, {devres}: device, key: number): void {
	const at = devres.findIndex(each => each.key === key);
	if (at >= 0) devres.splice(at, 1)[0]!.release(k);
}

/** The table of pcim_iomap_table(): an address for each region, made when it is first needed. */
function tableOf(k: Kernel, pdev: pci_dev): KernelLogicalAddress | 0 {
	const tables = besides<KernelLogicalAddress>(k, 'pcim_iomap_table');
	const key = k.pci.devices.indexOf(pdev);
	const known = tables.get(key);
	if (known !== undefined) return known;
	const at = try_kzalloc(k, 4 * BARS, GFP_KERNEL);
	if (at === undefined) return 0;
	tables.set(key, at);
	pdev.dev.devres.push({
		key: undefined,
		release(kernel) {
			tables.delete(key);
			kfree(kernel, logicalAddress(at));
		},
	});
	return at;
}

/** Asks for the regions of a mask and maps them, all or none. */
function iomapRegions(call: GateCall): number {
	const {k, arg} = call;
	const pdev = pciAt(k, arg(0));
	const table = tableOf(k, pdev);
	if (table === 0) return -ENOMEM;
	const done: (() => void)[] = [];
	const fail = (error: number) => {
		for (const undo of done.reverse()) undo();
		return error;
	};
	for (let bar = 0; bar < BARS; bar++) {
		if ((arg(1) & (1 << bar)) === 0) continue;
		const busy = requestRegion(k, pdev, bar, textAtAddress(k, arg(2)));
		if (busy < 0) return fail(busy);
		done.push(() => releaseRegion(k, pdev, bar));
		const slot = kernelAddress(table + 4 * bar);
		const at = iomap(call, bar, 0);
		if (at === 0) return fail(-EINVAL);
		done.push(() => {
			if (!isPort(at)) iounmap(k, kernelAddress(at));
		});
		kwrite32(k, slot, at);
	}
	pdev.dev.devres.push({
		key: undefined,
		release() {
			for (const undo of done.reverse()) undo();
		},
	});
	return 0;
}

const PCI_IRQ_INTX = 1;

export const devresExports: readonly Gate[] = [
	{name: 'devm_kmalloc', run: allocate},
	{name: 'devm_kfree', run: ({k, arg}) => releaseNow(k, deviceAt(k, arg(0)), arg(1))},
	{
		name: 'pcim_enable_device',
		run({k, arg}) {
			const pdev = pciAt(k, arg(0));
			pdev.dev.devres.push({key: undefined, release: () => pci_disable_device(pdev)});
			return pci_enable_device(pdev);
		},
	},
	{name: 'pcim_iomap_regions', run: iomapRegions},
	{
		name: 'pcim_iomap_table',
		run: ({k, arg}) => tableOf(k, pciAt(k, arg(0))),
	},
	// Devices here have one line each, and no messages.
	{name: 'pci_alloc_irq_vectors', run: ({arg}) => (arg(1) <= 1 && (arg(3) & PCI_IRQ_INTX) !== 0 ? 1 : -ENOSPC)},
	{name: 'pci_free_irq_vectors', run: () => undefined},
];
