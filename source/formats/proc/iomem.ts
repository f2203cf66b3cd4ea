/** /proc/iomem: physical addresses and what answers at them. */

import {formatResources, parseResources, type Resource} from './resources.ts';

type Iomem = {readonly resources: readonly Resource[]};

export function formatIomem({resources}: Iomem): string {
	return formatResources(resources, 8);
}

/** @throws FormatError */
export function parseIomem(text: string): Iomem {
	return {resources: parseResources('iomem', text)};
}
