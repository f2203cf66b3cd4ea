/** Paths of the tree that the monitor reads and writes. */

const hexAddress = (value: number): string => value.toString(16).padStart(8, '0');

export const path = {
	machine: '/sys/kernel/debug/lab/machine',
	clock: '/sys/kernel/debug/lab/clock',
	experiments: '/sys/kernel/debug/lab/experiments',
	inject: '/sys/kernel/debug/lab/inject',
	kmapAtomic: '/sys/kernel/debug/kmap_atomic',
	pkmap: '/sys/kernel/debug/pkmap',
	aio: '/sys/kernel/debug/aio',
	aioNr: '/proc/sys/fs/aio-nr',
	aioMaxNr: '/proc/sys/fs/aio-max-nr',
	dmaDump: '/sys/kernel/debug/dma-api/dump',
	dmaPools: '/sys/kernel/debug/dma_pools',
	swiotlb: '/sys/kernel/debug/swiotlb',
	trace: '/sys/kernel/debug/tracing/trace',
	traceTail: '/sys/kernel/debug/tracing/trace/64',
	meminfo: '/proc/meminfo',
	vmstat: '/proc/vmstat',
	buddyinfo: '/proc/buddyinfo',
	zoneinfo: '/proc/zoneinfo',
	kmsg: '/proc/kmsg',
	pciDevices: '/sys/devices/pci0000:00',
	processes: '/proc',
	maps: (pid: number) => `/proc/${pid}/maps`,
	comm: (pid: number) => `/proc/${pid}/comm`,
	status: (pid: number) => `/proc/${pid}/status`,
	vma: (pid: number) => `/sys/kernel/debug/vma/${pid}`,
	/** `AREAS` areas from the `FIRST` on, counted from 0. */
	mapsWindow: (pid: number, first: number, areas: number) => `/proc/${pid}/maps/${first}/${areas}`,
	vmaWindow: (pid: number, first: number, areas: number) => `/sys/kernel/debug/vma/${pid}/${first}/${areas}`,
	vmaFrames: (pid: number, start: number, end: number) =>
		`/sys/kernel/debug/vma/${pid}/${hexAddress(start)}-${hexAddress(end)}`,
	pools: (device: string) => `/sys/devices/pci0000:00/${device}/pools`,
	page: (pfn: number) => `/sys/kernel/debug/page/${pfn}`,
	translate: (pfn: number) => `/sys/kernel/debug/translate/pfn:0x${pfn.toString(16)}`,
	translateUser: (pid: number, userAddress: number) =>
		`/sys/kernel/debug/translate/user:${pid}:0x${hexAddress(userAddress)}`,
	pageMap: '/sys/kernel/debug/page_map',
	pageMapWindow: (startPfn: number, frames: number, cells: number) =>
		`/sys/kernel/debug/page_map/${startPfn}/${frames}/${cells}`,
} as const;
