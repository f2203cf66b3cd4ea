/** Paths of the tree that the monitor reads and writes. */
import {formatSpaceAddress, type SpaceAddress, userPlace} from '../formats/debugfs/translate.ts';
import {pathOf} from '../formats/fileRow.ts';
import {files, pciDevices} from '../formats/files.ts';
import {serverFiles} from '../formats/serverFiles.ts';
import {address as formatAddress} from '../formats/text.ts';

export const path = {
	machine: files.machine.path,
	clock: files.clock.path,
	/** Of the server, not of the machine: it is there on machines of a class only. */
	class: serverFiles.class.path,
	load: files.load.path,
	experiments: files.experiments.path,
	inject: files.inject.path,
	session: files.session.path,
	insmod: files.insmod.path,
	exec: files.exec.path,
	gdb: files.gdb.path,
	kmapAtomic: files.kmapAtomic.path,
	pkmap: files.pkmap.path,
	aio: files.aio.path,
	aioNr: files.aioNr.path,
	aioMaxNr: files.aioMaxNr.path,
	dmaDump: files.dmaDump.path,
	dmaPools: files.dmaPools.path,
	swiotlb: files.swiotlb.path,
	trace: files.trace.path,
	traceTail: pathOf(files.traceTail, {lines: 64}),
	meminfo: files.meminfo.path,
	vmstat: files.vmstat.path,
	buddyinfo: files.buddyinfo.path,
	zoneinfo: files.zoneinfo.path,
	kmsg: files.kmsg.path,
	findings: files.findings.path,
	finding: (id: number) => pathOf(files.finding, {id}),
	pciDevices,
	processes: '/proc',
	maps: (pid: number) => pathOf(files.maps, {pid}),
	comm: (pid: number) => pathOf(files.comm, {pid}),
	status: (pid: number) => pathOf(files.status, {pid}),
	vma: (pid: number) => pathOf(files.vma, {pid}),
	/** `AREAS` areas from the `FIRST` on, counted from 0. */
	mapsWindow: (pid: number, first: number, areas: number) => pathOf(files.mapsWindow, {pid, first, areas}),
	vmaWindow: (pid: number, first: number, areas: number) => pathOf(files.vmaWindow, {pid, first, areas}),
	vmaFrames: (pid: number, start: number, end: number) =>
		pathOf(files.vmaFrames, {pid, range: `${formatAddress(start)}-${formatAddress(end)}`}),
	pools: (device: string) => pathOf(files.pools, {device}),
	page: (pfn: number) => pathOf(files.page, {pfn}),
	translate: (where: SpaceAddress) => pathOf(files.translate, {address: formatSpaceAddress(where)}),
	translateUser: (pid: number, userAddress: number) => path.translate(userPlace(pid, userAddress)),
	pageMap: files.pageMap.path,
	pageMapWindow: (startPfn: number, frames: number, cells: number) =>
		pathOf(files.pageMapWindow, {start: startPfn, frames, cells}),
} as const;
