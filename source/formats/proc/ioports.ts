/** /proc/ioports: I/O ports and which driver has them. */

import {formatResources, parseResources, type Resource} from './resources.ts';

type Ioports = {readonly resources: readonly Resource[]};

export function formatIoports({resources}: Ioports): string {
	return formatResources(resources, 4);
}

/** @throws FormatError */
export function parseIoports(text: string): Ioports {
	return {resources: parseResources('ioports', text)};
}
