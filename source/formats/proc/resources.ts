/**
 * The tree of resources that /proc/iomem and /proc/ioports show: kernel/resource.c r_show(), the same text from 2.6.11
 * to 6.18.
 */

import {hex, joinLines, Lines} from '../text.ts';

export type Resource = {
	readonly start: number;
	/** Last address, not the one behind it. */
	readonly end: number;
	readonly name: string;
	/** 0 at the top; a resource lies within the nearest one above it of lesser depth. */
	readonly depth: number;
};

export function formatResources(resources: readonly Resource[], digits: 4 | 8): string {
	return joinLines(
		resources.map(
			({start, end, name, depth}) => `${'  '.repeat(depth)}${hex(start, digits)}-${hex(end, digits)} : ${name}`,
		),
	);
}

/** @throws FormatError */
export function parseResources(file: string, text: string): Resource[] {
	const lines = new Lines(file, text);
	const resources: Resource[] = [];
	while (!lines.done) {
		const [indent, start, end, name] = lines.match(/^((?: {2})*)([0-9a-f]+)-([0-9a-f]+) : (.*)$/s, 'start-end : name');
		resources.push({start: Number(`0x${start}`), end: Number(`0x${end}`), name: name!, depth: indent!.length / 2});
	}
	return resources;
}
