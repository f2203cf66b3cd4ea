import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Image, layout, relocate} from '../../../source/kernel/module/image.ts';
import type {ElfObject} from '../../../source/kernel/module/object.ts';
import {parseObject} from '../../../source/kernel/module/parse.ts';

/** The compiled samples of fixtures/modules: what each is, its README says. */
export const samples = [
	'sample.dwarf2.o',
	'sample.dwarf3.o',
	'sample.dwarf4.o',
	'sample.dwarf5.o',
	'sample.clang4.o',
	'sample.clang5.o',
	'sample.6.1.o',
] as const;

export const sampleBytes = (name: string): Uint8Array =>
	readFileSync(join(import.meta.dirname, '../../../fixtures/modules', name));

export const sampleObject = (name: string): ElfObject => parseObject(sampleBytes(name));

export const base = {core: 0xd080_0000, init: 0xd090_0000} as const;

/** What the samples ask of the kernel; `maybe_there` is weak and stays unknown. */
export const kernel: Readonly<Record<string, number>> = {
	printk: 0xc010_0000,
	other_function: 0xc010_0010,
	__this_module: 0xc7a0_0000,
};

/** A sample at BASE. */
export function sampleImage(name: string): Image {
	const object = sampleObject(name);
	const image = relocate(object, layout(object), base, wanted => kernel[wanted]);
	if ('unknown' in image) throw new Error(`unknown: ${image.unknown.join(' ')}`);
	return image;
}
