/** /proc/iomem and /proc/ioports: who has which part of the physical and of the port address space. */
import type {Resource} from '../../formats/proc/resources.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {ResourceKind} from '../../kernel/ioport.ts';
import type {Kernel} from '../../kernel/kernel.ts';

type Span = {readonly start: number; readonly end: number; readonly name: string};

export function iomemResources(k: Kernel): Resource[] {
	const {layout} = k;
	const ram = layout.ram.map(({start, end}) => ({
		start: start * PAGE_SIZE,
		end: end * PAGE_SIZE - 1,
		name: 'System RAM',
	}));
	const {image} = layout;
	const sections = [
		{start: image.start, end: image.textEnd - 1, name: 'Kernel code'},
		{start: image.textEnd, end: image.dataEnd - 1, name: 'Kernel data'},
	];
	const devices = k.hw.bus.regions.map(region => ({
		start: region.start as number,
		end: region.start + region.sizeBytes - 1,
		name: region.name,
	}));
	return nest([...ram, ...sections, ...devices, ...claimsOf(k, 'memory')]);
}

const claimsOf = (k: Kernel, kind: ResourceKind): readonly Span[] =>
	k.ioports.claims.filter(claim => claim.kind === kind);

export function ioportResources(k: Kernel): Resource[] {
	const ports = k.hw.bus.ports.map(({start, count, name}) => ({start: start as number, end: start + count - 1, name}));
	return nest([...ports, ...claimsOf(k, 'ports')]);
}

/** Orders spans by start and indents each below the nearest one that holds it. */
function nest(spans: readonly Span[]): Resource[] {
	const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
	const open: Span[] = [];
	return sorted.map(span => {
		while (open.length > 0 && open.at(-1)!.end < span.start) open.pop();
		const resource = {...span, depth: open.length};
		open.push(span);
		return resource;
	});
}
