/** Files of the machine that experiments look at, and where in a file something stands. */
import type {Translate} from '../formats/debugfs/translate.ts';
import type {Vma, VmaArea} from '../formats/debugfs/vma.ts';
import {pathOf, type TextFile} from '../formats/fileRow.ts';
import {files} from '../formats/files.ts';
import type {Dma} from '../formats/proc/dma.ts';
import type {Kmsg} from '../formats/proc/kmsg.ts';
import type {Maps, MapsArea} from '../formats/proc/maps.ts';
import type {Smaps, SmapsArea} from '../formats/proc/smaps.ts';
import type {VmallocArea, Vmallocinfo} from '../formats/proc/vmallocinfo.ts';
import type {Zoneinfo, ZoneinfoZone} from '../formats/proc/zoneinfo.ts';
import type {Pool, Pools} from '../formats/sys/pools.ts';
import {prefixedHex} from '../formats/text.ts';

/** A text file and its parser. */
export type FileView<T> = {readonly path: string; readonly parse: (text: string) => T};

const at = <T>({parse}: TextFile<T>, path: string): FileView<T> => ({path, parse});

export const {
	pkmap,
	kmapAtomic,
	aio,
	dmaDump,
	swiotlb,
	vmallocinfo,
	buddyinfo,
	zoneinfo,
	meminfo,
	dma: dmaChannels,
	kmsg,
	machine,
	aioNr,
	dmaErrors,
	findings,
	iomem,
	interrupts,
	slabinfo,
} = files;
export const page = (pfn: number) => at(files.page, pathOf(files.page, {pfn: prefixedHex(pfn)}));
export const translate = (address: string) => at(files.translate, pathOf(files.translate, {address}));
export const vma = (pid: number) => at(files.vma, pathOf(files.vma, {pid}));
export const maps = (pid: number) => at(files.maps, pathOf(files.maps, {pid}));
export const smaps = (pid: number) => at(files.smaps, pathOf(files.smaps, {pid}));
export const status = (pid: number) => at(files.status, pathOf(files.status, {pid}));
export const pools = (device: string) => at(files.pools, pathOf(files.pools, {device}));

/** The physical address among the answers to a translation, if there is one. */
export function physicalOf({answers}: Translate): number | undefined {
	const answer = answers.find(each => each.space === 'phys');
	return answer && 'address' in answer ? answer.address : undefined;
}

/** The area that an address lies in. */
export const areaAt =
	(address: number) =>
	({areas}: Maps): MapsArea | undefined =>
		areas.find(area => address >= area.start && address < area.end);
export const vmaAt =
	(address: number) =>
	({areas}: Vma): VmaArea | undefined =>
		areas.find(area => address >= area.start && address < area.end);
export const smapsAt =
	(address: number) =>
	({areas}: Smaps): SmapsArea | undefined =>
		areas.find(area => address >= area.start && address < area.end);
export const vmallocAt =
	(address: number) =>
	({areas}: Vmallocinfo): VmallocArea | undefined =>
		areas.find(({range}) => range !== null && address >= range.start && address < range.end);
export const zoneNamed =
	(name: string) =>
	({zones}: Zoneinfo): ZoneinfoZone | undefined =>
		zones.find(({zone}) => zone === name);
export const poolNamed =
	(name: string) =>
	({pools}: Pools): Pool | undefined =>
		pools.find(pool => pool.name === name);
/** The driver that has an ISA channel. */
export const ownerOf =
	(channel: number) =>
	({channels}: Dma): string | undefined =>
		channels.find(each => each.channel === channel)?.device;
/** What counts lines of a file, and can say one that it counted. */
export type Quoting<R> = ((record: R) => number) & {readonly quote: (record: R) => string | undefined};

/** Lines of the log since a time that contain a text. */
export function linesWith(text: string, sinceUs: number): Quoting<Kmsg> {
	const found = ({lines}: Kmsg) => lines.filter(line => line.timeUs >= sinceUs && line.text.includes(text));
	return Object.assign((kmsg: Kmsg) => found(kmsg).length, {quote: (kmsg: Kmsg) => found(kmsg)[0]?.text});
}
