/** A line of the kernel log. @see include/linux/kernel.h KERN_EMERG … KERN_DEBUG */

import type {KmsgLine} from '../../formats/proc/kmsg.ts';
import {seconds} from '../../formats/text.ts';
import {type Explanation, field} from './explanation.ts';

const levels: readonly (readonly [name: string, says: string])[] = [
	['KERN_EMERG', 'the system cannot be used'],
	['KERN_ALERT', 'something has to be done at once'],
	['KERN_CRIT', 'critical'],
	['KERN_ERR', 'an error: drivers use it for hardware that misbehaves'],
	['KERN_WARNING', 'a warning: something is suspicious, and goes on'],
	['KERN_NOTICE', 'normal, and worth a note'],
	['KERN_INFO', 'information'],
	['KERN_DEBUG', 'for debugging'],
];

/** Beginnings of messages that the kernel writes about mistakes. */
const messages: readonly (readonly [pattern: RegExp, says: string])[] = [
	[
		/scheduling while atomic/,
		'something slept that must not: it holds a spinlock or an atomic kmap, or an interrupt runs',
	],
	[/sleeping function called from invalid context/, 'a function that may sleep was called where nothing may'],
	[/DMA-API: .*device driver failed to check map error/, 'a driver used a mapping without asking dma_mapping_error()'],
	[/DMA-API: .*different size/, 'a mapping was given back with another size than it was made with'],
	[/DMA-API: .*not (?:allocated|mapped)/, 'a mapping was given back that does not exist'],
	[/DMA-API/, 'dma-debug found a mistake in how a driver uses DMA'],
	[/Bad page state|bad_page/, 'a page was freed that somebody still uses, or its struct page is damaged'],
	[
		/Oops|unable to handle kernel/i,
		'the kernel touched an address that is not mapped; the task that ran there is ended',
	],
	[/Out of [Mm]emory|oom-killer/, 'nothing could be freed: the kernel ends a process to get memory'],
	[/page allocation failure/, 'an allocation got no memory; its order and flags say what was asked for'],
	[/kernel BUG at/, 'a condition that must hold does not; the task that ran there is ended'],
	[/^WARNING/, 'a condition that should hold does not; the kernel goes on'],
];

export function explainLogLine({level, timeUs, text}: KmsgLine): Explanation {
	const priority = level & 7;
	const [name, says] = levels[priority]!;
	const known = messages.find(([pattern]) => pattern.test(text))?.[1] ?? '';
	return {
		title: `message of ${seconds(timeUs)} s`,
		fields: [
			field('text', text, known),
			field('level', `${priority}, ${name}`, says),
			field('time', `${seconds(timeUs)} s`, 'since boot'),
		],
	};
}
