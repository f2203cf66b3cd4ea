/**
 * The files of /sys/devices and /sys/bus/pci: DMA pools of a device, there only while the device has one, and drivers
 * that can be given a device or taken off it.
 */
import {pciDevices, pciDrivers} from '../../formats/files.ts';
import {formatPools} from '../../formats/sys/pools.ts';
import {poolInfo} from '../../kernel/dma/dmapool_info.ts';
import type {device} from '../../kernel/drivers/device.ts';
import {type pci_driver, pci_rebind} from '../../kernel/drivers/pci-driver.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LabError} from '../errors.ts';
import type {LabState} from '../lab.ts';
import {startProcess} from '../programs/start.ts';
import {type Args, directory, type Route} from './route.ts';

const pciOnes = (k: Kernel): readonly device[] => [...k.dma.devices.values()].filter(dev => dev.bus === 'pci');
const deviceOf = ({k}: LabState, args: Args) => k.dma.devices.get(args.device!);
const hasPools = (state: LabState, args: Args) => (deviceOf(state, args)?.dma_pools.length ?? 0) > 0;
const pools = (state: LabState, args: Args) => formatPools({pools: deviceOf(state, args)!.dma_pools.map(poolInfo)});

/** Drivers that are known to the bus, and those that only have a device. */
const driverNames = ({k}: LabState): readonly string[] => [
	...new Set([...k.pci.drivers.map(({name}) => name), ...pciOnes(k).flatMap(({driver}) => driver ?? [])]),
];

const isRegistered = ({k}: LabState, args: Args) => k.pci.drivers.some(({name}) => name === args.driver);

/** What does it is a process: a driver's methods may sleep. @throws LabError ENODEV */
function rebind(action: 'bind' | 'unbind', {k}: LabState, args: Args, text: string): string {
	const busId = text.trim();
	const driver = k.pci.drivers.find(({name}) => name === args.driver) as pci_driver;
	const dev = k.pci.devices.find(each => each.dev.bus_id === busId)?.dev;
	if (!dev) throw new LabError('ENODEV', `there is no device "${busId}"; a device is named as 0000:00:05.0`);
	if (action === 'bind' && dev.driver !== null)
		throw new LabError('ENODEV', `${busId} is driven by ${dev.driver} already`);
	if (action === 'unbind' && dev.driver !== driver.name)
		throw new LabError('ENODEV', `${busId} is driven by ${dev.driver ?? 'no driver'}, not by ${driver.name}`);
	const parent = k.sched.tasks.get(1) ?? null;
	const argv = ['sh', '-c', `echo ${busId} >/sys/bus/pci/drivers/${driver.name}/${action}`];
	startProcess(k, {comm: 'sh', path: '/bin/sh', argv, parent}, function* (u) {
		const result = yield* pci_rebind(u.k, action, driver, busId);
		return result < 0 ? 1 : 0;
	});
	return '';
}

const steering = (action: 'bind' | 'unbind'): Route => ({
	path: `:driver/${action}`,
	names: {driver: driverNames},
	exists: isRegistered,
	read: () => '',
	write: (state, args, text) => rebind(action, state, args, text),
});

export const sysRoutes: readonly Route[] = [
	...directory(pciDevices, [
		{
			path: ':device/pools',
			names: {device: ({k}) => pciOnes(k).map(dev => dev.bus_id)},
			exists: hasPools,
			read: pools,
		},
	]),
	...directory(pciDrivers, [
		steering('bind'),
		steering('unbind'),
		{
			path: ':driver/:device/pools',
			names: {
				driver: driverNames,
				device: ({k}, args) => pciOnes(k).flatMap(({driver, bus_id}) => (driver === args.driver ? [bus_id] : [])),
			},
			exists: hasPools,
			read: pools,
		},
	]),
];
