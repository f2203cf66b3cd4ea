/**
 * What a module says about itself in `.modinfo`: `license=GPL`, `parm=howmany:how often`, `vermagic=…`. Models
 * get_modinfo(), check_modinfo and license_is_gpl_compatible() (kernel/module.c, include/linux/license.h, 2.6.11).
 */
import type {Era} from '../era.ts';
import {type ElfObject, sectionNamed, textAt} from './object.ts';

type Modinfo = readonly {readonly tag: string; readonly value: string}[];

/** All entries, in the order of the file. */
export function readModinfo(object: ElfObject): Modinfo {
	const index = sectionNamed(object, '.modinfo');
	const {bytes} = object.sections[index ?? 0]!;
	const entries: {tag: string; value: string}[] = [];
	for (let at = 0; at < bytes.length; ) {
		const text = textAt(bytes, at);
		const equals = text.indexOf('=');
		if (equals > 0) entries.push({tag: text.slice(0, equals), value: text.slice(equals + 1)});
		// Linkers fill with zero bytes between entries.
		at += text.length + 1;
	}
	return entries;
}

/** The first value of a tag. */
export const modinfoOf = (modinfo: Modinfo, tag: string): string | undefined =>
	modinfo.find(entry => entry.tag === tag)?.value;

/** Version of our own structures' layout: an object of other headers than the machine's must not be loaded. */
const LAYOUT_VERSION = 1;

/** What `vermagic` has to be in a kernel of an era; headers/include/linux/vermagic.h says the same in C. */
export const vermagicOf = (era: Era): string => `${era.release} SMP mod_unload 686 mmtop${LAYOUT_VERSION}`;

/**
 * Linux's complaint about a module that was built for another kernel.
 * @returns a line without the module's name, or undefined where it fits
 */
export function vermagicComplaint(modinfo: Modinfo, era: Era): string | undefined {
	const has = modinfoOf(modinfo, 'vermagic');
	const wanted = vermagicOf(era);
	if (has === wanted) return undefined;
	// A module without any is not refused by Linux; its structures would be anything here.
	return has === undefined
		? `no version magic, should be '${wanted}'; build it with mmtop cc`
		: `version magic '${has}' should be '${wanted}'`;
}

const GPL_COMPATIBLE: readonly string[] = [
	'GPL',
	'GPL v2',
	'GPL and additional rights',
	'Dual BSD/GPL',
	'Dual MIT/GPL',
	'Dual MPL/GPL',
];

/** The licence as Linux names it where there is none. */
export const licenceOf = (modinfo: Modinfo): string => modinfoOf(modinfo, 'license') ?? 'unspecified';

/** Whether it taints the kernel, and may not have what is exported for GPL modules only. */
export const isGplCompatible = (licence: string): boolean => GPL_COMPATIBLE.includes(licence);
