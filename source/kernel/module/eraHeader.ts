/** headers/include/mmtop/era.h: which kernel a driver is compiled for, in C, from the table of eras. */
import {ERA_NAMES, type EraName} from '../era/behaviour.ts';
import {eraNamed} from '../era.ts';
import {ERA_NUMBERS} from './layouts.ts';
import {vermagicOf} from './modinfo.ts';

/** `2.6.32.69` as the arguments of KERNEL_VERSION: later than 2.6 the third number is the last one. */
function versionOf(release: string): string {
	const [major = '0', minor = '0', patch = '0'] = release.split('.');
	return `${major}, ${minor}, ${patch}`;
}

function eraLines(name: EraName): readonly string[] {
	const era = eraNamed(name);
	return [
		`#define LINUX_VERSION_CODE KERNEL_VERSION(${versionOf(era.release)})`,
		`#define UTS_RELEASE "${era.release}"`,
		`#define MMTOP_ERA_NAME "${name}"`,
		`#define MMTOP_VERMAGIC "${vermagicOf(era)}"`,
		`#define HZ ${era.HZ}`,
		...(name === 'ldd3' ? ['/* The book’s kernel under the signatures of its labs. */', '#define MMTOP_LDD3 1'] : []),
	];
}

export function eraHeader(): string {
	const newest = ERA_NAMES.toReversed();
	return [
		'/* The kernel that is compiled for: mmtop cc --era sets MMTOP_ERA. Made from source/kernel/era. */',
		'#ifndef MMTOP_ERA_H',
		'#define MMTOP_ERA_H',
		'#define __MMTOP__ 1',
		'#ifndef __KERNEL__',
		'#define __KERNEL__ 1',
		'#endif',
		'#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))',
		'#ifndef MMTOP_ERA',
		`#define MMTOP_ERA ${ERA_NUMBERS.ldd3}`,
		'#endif',
		...newest.flatMap((name, index) => [
			`#${index === 0 ? 'if' : 'elif'} MMTOP_ERA == ${ERA_NUMBERS[name]}`,
			...eraLines(name),
		]),
		'#else',
		`#error "MMTOP_ERA is one of ${ERA_NAMES.map(name => `${ERA_NUMBERS[name]} (${name})`).join(', ')}"`,
		'#endif',
		'#define USER_HZ 100',
		'#endif',
		'',
	].join('\n');
}
