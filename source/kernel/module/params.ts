/**
 * A module's parameters: the words behind `insmod mydrv.ko`, what each one sets, and what
 * `/sys/module/NAME/parameters/…` shows. Models parse_args() and kernel/params.c (2.6.11 to 6.18).
 * headers/include/linux/moduleparam.h makes the records.
 */

import type {Era} from '../era.ts';
import {ENOENT, ENOSPC} from '../errno.ts';
import {type Image, imageBytes, imageText, recordsOf} from './image.ts';
import {offsetOf, sizeOf} from './layouts.ts';
import {u16At, u32At} from './object.ts';

export type ModuleParameter = {
	readonly name: string;
	/** `int`, `uint`, `charp`, …; `string` for a buffer; ends with `[]` for an array; empty where only `set` knows. */
	readonly type: string;
	/** Mode of its file below /sys; 0: it has none. */
	readonly permissions: number;
	/** Of the struct kernel_param itself: what a `set` of the module's own is called with. */
	readonly address: number;
	/** The variable, or the struct kparam_array or kparam_string. */
	readonly arg: number;
	/** Functions of the module's own (module_param_call, module_param_cb), or 0. */
	readonly set: number;
	readonly get: number;
	/** The variable is a bool of one byte, not an int. */
	readonly isByteBool: boolean;
};

const KPARAM_ISBOOL = 2;

/** The parameters of a module, in the order of its object, which may be the reverse of its source. */
export function parametersOf(image: Image): readonly ModuleParameter[] {
	const size = sizeOf('kernel_param');
	return recordsOf(image, '__param', size).map(record => {
		const at = (field: Parameters<typeof offsetOf<'kernel_param'>>[1]) => offsetOf('kernel_param', field);
		return {
			name: imageText(image, u32At(record, at('name'))),
			type: imageText(image, u32At(record, at('type'))),
			permissions: u16At(record, at('perm')),
			address: addressOf(image, record),
			arg: u32At(record, at('arg')),
			set: u32At(record, at('set')) || ofOps(image, u32At(record, at('ops')), 'set'),
			get: u32At(record, at('get')) || ofOps(image, u32At(record, at('ops')), 'get'),
			isByteBool: (record[at('flags')]! & KPARAM_ISBOOL) !== 0,
		};
	});
}

/** A function of a struct kernel_param_ops of the module's (module_param_cb), or 0. */
function ofOps(image: Image, ops: number, field: 'set' | 'get'): number {
	const bytes = ops === 0 ? undefined : imageBytes(image, ops);
	return bytes ? u32At(bytes, offsetOf('kernel_param_ops', field)) : 0;
}

/** Where a record of the image lies in the machine. */
function addressOf({base, bytes}: Image, record: Uint8Array): number {
	const area = record.buffer === bytes.init.buffer ? 'init' : 'core';
	return base[area] + record.byteOffset - bytes[area].byteOffset;
}

type Word = {
	readonly name: string;
	/** Undefined where there was no `=`. */
	readonly value: string | undefined;
};

/** The words of a command line: spaces part them, double quotes keep spaces together. @see next_arg() */
export function wordsOf(line: string): readonly Word[] {
	const words: Word[] = [];
	for (let at = 0; ; ) {
		while (/\s/.test(line[at] ?? '')) at++;
		if (at >= line.length) return words;
		const isQuoted = line[at] === '"';
		const start = isQuoted ? at + 1 : at;
		let inQuotes = isQuoted;
		let end = start;
		while (end < line.length && (inQuotes || !/\s/.test(line[end]!))) {
			if (line[end] === '"') inQuotes = !inQuotes;
			end++;
		}
		words.push(wordOf(line.slice(start, end), isQuoted));
		at = end;
	}
}

function wordOf(text: string, isQuoted: boolean): Word {
	const bare = isQuoted ? text.replace(/"$/, '') : text;
	const equals = bare.indexOf('=');
	// A word that begins with "=" is all name.
	if (equals <= 0) return {name: bare, value: undefined};
	const value = bare.slice(equals + 1);
	const unquoted = value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value;
	return {name: bare.slice(0, equals), value: unquoted};
}

/** Dashes and underscores are the same in a name. @see parameq() */
const sameName = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_');

type Setting = {readonly parameter: ModuleParameter; readonly word: Word};

/**
 * Which parameter each word sets, in order; a later one wins.
 * @returns the settings and the names to warn about, or the name that the load fails for
 */
export function settingsOf(
	parameters: readonly ModuleParameter[],
	line: string,
	era: Era,
): {readonly settings: readonly Setting[]; readonly ignored: readonly string[]} | {readonly unknown: string} {
	const settings: Setting[] = [];
	const ignored: string[] = [];
	for (const word of wordsOf(line)) {
		const parameter = parameters.find(({name}) => sameName(name, word.name));
		if (parameter) settings.push({parameter, word});
		else if (era.unknownParameterIsIgnored) ignored.push(word.name);
		else return {unknown: word.name};
	}
	return {settings, ignored};
}

/** What Linux logs when a word could not be set; level KERN_ERR, behind the module's name and a colon. */
export function settingComplaint(errno: number, {name, value}: Word): string {
	if (errno === -ENOENT) return `Unknown parameter \`${name}'`;
	if (errno === -ENOSPC) return `\`${value ?? ''}' too large for parameter \`${name}'`;
	return `\`${value ?? ''}' invalid for parameter \`${name}'`;
}
