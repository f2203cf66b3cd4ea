import type {View} from './debuggee.ts';
import {targetDescription} from './description.ts';

type Threads = View['threads'];

/** A part of a document: `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`, `l` where it is the last one. */
export function documentPart(body: string, threads: Threads): string {
	const [, object, , annex, range = ''] = body.split(':');
	const [offset = Number.NaN, length = Number.NaN] = range.split(',').map(text => Number.parseInt(text, 16));
	const text =
		object === 'features' && annex === 'target.xml'
			? targetDescription
			: object === 'threads' && annex === ''
				? threadList(threads)
				: undefined;
	if (text === undefined) return 'E00';

	if (Number.isNaN(offset) || Number.isNaN(length)) return 'E01';

	return `${offset + length < text.length ? 'm' : 'l'}${text.slice(offset, offset + length)}`;
}

function threadList(threads: Threads): string {
	const rows = threads.map(({tid, comm, cpu}) => {
		const name = comm.replace(/[^\x20-\x7e]/g, '?').replace(/[<>&"]/g, each => `&#${each.charCodeAt(0)};`);
		return `<thread id="${tid.toString(16)}" name="${name}"${cpu === null ? '' : ` core="${cpu}"`}/>`;
	});
	return ['<?xml version="1.0"?>', '<threads>', ...rows, '</threads>', ''].join('\n');
}
