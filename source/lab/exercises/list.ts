/** Every exercise, in the order of the book. */
import type {Exercise} from '../exercise.ts';
import {coherent, interrupt, leak, registers, scatter, stream} from './device.ts';
import {later, pin} from './io.ts';
import {areas, fault, remap, vmallocPages} from './mapping.ts';

export const exercises: readonly Exercise[] = [
	remap,
	areas,
	fault,
	vmallocPages,
	registers,
	pin,
	later,
	coherent,
	stream,
	scatter,
	interrupt,
	leak,
];

/** What helps with observations that every check makes. */
export const commonHints: Readonly<Record<string, string>> = {
	'insmod loads it':
		'The log says why: a name that the kernel does not have, another kernel’s object (mmtop cc --era), or what the ' +
		'init function answered.',
	'/dev/': 'The device of a skeleton has the name of the module. Keep that name, and the name of the file.',
	'rmmod takes it out': 'EAGAIN: a file of it is still open, or a page still mapped. EBUSY: it has no exit function.',
	'it leaves nothing behind':
		'lab/findings says what: a handler, a device, a timer, a mapping that exit has to give back.',
	'the kernel has no complaint': 'The log has the whole report, with the function and the line of the driver.',
};
