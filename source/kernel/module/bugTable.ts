/**
 * Where a module's code stops with `ud2`: BUG() and WARN(), with file and line. Models struct bug_entry
 * (include/asm-generic/bug.h, 2.6.20; before it, i386 kept file and line behind the instruction).
 * headers/include/linux/bug.h makes the records.
 */
import {type Image, imageText, recordsOf} from './image.ts';
import {u16At, u32At} from './object.ts';

type BugEntry = {
	/** Of the instruction. */
	readonly address: number;
	/** As the compiler was given it. */
	readonly file: string;
	readonly line: number;
	/** A warning: the code goes on behind the instruction. */
	readonly isWarning: boolean;
	/** It warns once. */
	readonly isOnce: boolean;
};

const RECORD_BYTES = 12;
const BUGFLAG_WARNING = 1;
const BUGFLAG_ONCE = 2;

/** All entries of a module, in the order of its code. */
export const bugTableOf = (image: Image): readonly BugEntry[] =>
	recordsOf(image, '__bug_table', RECORD_BYTES).map(record => {
		const flags = u16At(record, 10);
		return {
			address: u32At(record, 0),
			file: imageText(image, u32At(record, 4)),
			line: u16At(record, 8),
			isWarning: (flags & BUGFLAG_WARNING) !== 0,
			isOnce: (flags & BUGFLAG_ONCE) !== 0,
		};
	});
