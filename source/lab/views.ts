/** Files of the machine that experiments look at: where each lies, and how it is parsed. */
import {type Aio, parseAio} from '../formats/debugfs/aio.ts';
import {type DmaApiDump, parseDmaApiDump} from '../formats/debugfs/dmaApiDump.ts';
import {type KmapAtomic, parseKmapAtomic} from '../formats/debugfs/kmapAtomic.ts';
import {type PageInfo, parsePageInfo} from '../formats/debugfs/page.ts';
import {type Pkmap, parsePkmap} from '../formats/debugfs/pkmap.ts';
import {parseSwiotlb, type Swiotlb} from '../formats/debugfs/swiotlb.ts';
import {parseTranslate, type Translate} from '../formats/debugfs/translate.ts';
import {parseVma, type Vma, type VmaArea} from '../formats/debugfs/vma.ts';
import {type Buddyinfo, parseBuddyinfo} from '../formats/proc/buddyinfo.ts';
import {type Dma, parseDma} from '../formats/proc/dma.ts';
import {type Kmsg, parseKmsg} from '../formats/proc/kmsg.ts';
import {type Maps, type MapsArea, parseMaps} from '../formats/proc/maps.ts';
import {type Meminfo, parseMeminfo} from '../formats/proc/meminfo.ts';
import {parseSmaps, type Smaps, type SmapsArea} from '../formats/proc/smaps.ts';
import {parseStatus, type Status} from '../formats/proc/status.ts';
import {parseVmallocinfo, type VmallocArea, type Vmallocinfo} from '../formats/proc/vmallocinfo.ts';
import {parseZoneinfo, type Zoneinfo, type ZoneinfoZone} from '../formats/proc/zoneinfo.ts';
import {type DecimalFile, parseDecimalFile} from '../formats/scalars.ts';
import {type Pool, type Pools, parsePools} from '../formats/sys/pools.ts';

/** A text file and its parser. */
export type View<T> = {readonly path: string; readonly parse: (text: string) => T};

const debug = '/sys/kernel/debug';
const hex = (value: number) => `0x${value.toString(16)}`;

export const pkmap: View<Pkmap> = {path: `${debug}/pkmap`, parse: parsePkmap};
export const kmapAtomic: View<KmapAtomic> = {path: `${debug}/kmap_atomic`, parse: parseKmapAtomic};
export const aio: View<Aio> = {path: `${debug}/aio`, parse: parseAio};
export const dmaDump: View<DmaApiDump> = {path: `${debug}/dma-api/dump`, parse: parseDmaApiDump};
export const swiotlb: View<Swiotlb> = {path: `${debug}/swiotlb`, parse: parseSwiotlb};
export const page = (pfn: number): View<PageInfo> => ({path: `${debug}/page/${hex(pfn)}`, parse: parsePageInfo});
export const translate = (address: string): View<Translate> => ({
	path: `${debug}/translate/${address}`,
	parse: parseTranslate,
});
export const vma = (pid: number): View<Vma> => ({path: `${debug}/vma/${pid}`, parse: parseVma});
export const maps = (pid: number): View<Maps> => ({path: `/proc/${pid}/maps`, parse: parseMaps});
export const smaps = (pid: number): View<Smaps> => ({path: `/proc/${pid}/smaps`, parse: parseSmaps});
export const status = (pid: number): View<Status> => ({path: `/proc/${pid}/status`, parse: parseStatus});
export const vmallocinfo: View<Vmallocinfo> = {path: '/proc/vmallocinfo', parse: parseVmallocinfo};
export const buddyinfo: View<Buddyinfo> = {path: '/proc/buddyinfo', parse: parseBuddyinfo};
export const zoneinfo: View<Zoneinfo> = {path: '/proc/zoneinfo', parse: parseZoneinfo};
export const meminfo: View<Meminfo> = {path: '/proc/meminfo', parse: parseMeminfo};
export const dmaChannels: View<Dma> = {path: '/proc/dma', parse: parseDma};
export const kmsg: View<Kmsg> = {path: '/proc/kmsg', parse: parseKmsg};
export const aioNr: View<DecimalFile> = {path: '/proc/sys/fs/aio-nr', parse: parseDecimalFile};
export const dmaErrors: View<DecimalFile> = {path: `${debug}/dma-api/error_count`, parse: parseDecimalFile};
export const pools = (device: string): View<Pools> => ({
	path: `/sys/devices/pci0000:00/${device}/pools`,
	parse: parsePools,
});

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
/** Lines of the log since a time that contain a text. */
export const linesWith =
	(text: string, sinceUs: number) =>
	({lines}: Kmsg): number =>
		lines.filter(line => line.timeUs >= sinceUs && line.text.includes(text)).length;
