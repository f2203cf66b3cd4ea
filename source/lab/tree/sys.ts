/** The files of /sys/devices: DMA pools of a device, there only while the device has one. */
import {pciDevices} from '../../formats/files.ts';
import {formatPools} from '../../formats/sys/pools.ts';
import {poolInfo} from '../../kernel/dma/dmapool.ts';
import type {LabState} from '../lab.ts';
import {type Args, directory, type Route} from './route.ts';

const deviceOf = ({k}: LabState, args: Args) => k.dma.devices.get(args.device!);

export const sysRoutes: readonly Route[] = directory(pciDevices, [
	{
		path: ':device/pools',
		names: {device: ({k}) => [...k.dma.devices.values()].filter(dev => dev.bus === 'pci').map(dev => dev.bus_id)},
		exists: (state, args) => (deviceOf(state, args)?.dma_pools.length ?? 0) > 0,
		read: (state, args) => formatPools({pools: deviceOf(state, args)!.dma_pools.map(poolInfo)}),
	},
]);
