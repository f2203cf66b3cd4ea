/** Where each field of the structures that C and the kernel share lies, and the C that says the same. */
import {ERA_NAMES, type EraName} from '../era/behaviour.ts';
import {type Field, STRUCTURES, type Structure, type StructureName} from './structures.ts';

export type FieldName<Name extends StructureName> = keyof (typeof STRUCTURES)[Name] & string;

type Place = {readonly offset: number; readonly sizeBytes: number};
type Layout = {readonly sizeBytes: number; readonly alignment: number; readonly places: ReadonlyMap<string, Place>};

/** Bytes of C's own types and of Linux's numbers, on an i386. What is not here is a structure or a pointer. */
const SCALARS: Readonly<Record<string, number>> = {
	_Bool: 1,
	char: 1,
	'signed char': 1,
	'unsigned char': 1,
	'unsigned short': 2,
	umode_t: 2,
	__kernel_uid_t: 4,
	kuid_t: 4,
	kgid_t: 4,
	int: 4,
	'unsigned int': 4,
	long: 4,
	'unsigned long': 4,
	size_t: 4,
	pid_t: 4,
	off_t: 4,
	gfp_t: 4,
	dev_t: 4,
	dma_addr_t: 4,
	resource_size_t: 4,
	pgprot_t: 4,
	poll_queue_proc: 4,
	__u32: 4,
	'long long': 8,
	loff_t: 8,
	__u64: 8,
	__s64: 8,
};

type Extent = {readonly sizeBytes: number; readonly alignment: number};

/** Bytes of a C type and what its address is a multiple of: four at most, as i386 has it. */
function extentOf(type: string): Extent {
	const [, inner] = /^union \{ ([^;]*);/.exec(type) ?? [];
	if (inner !== undefined) return extentOf(inner.replace(/\s*\b\w+$/, '').replace(/\*\w+$/, '*'));
	const bare = type
		.replace(/\$/, '')
		.replace(/^(?:(?:const|volatile) )+/, '')
		.trim();
	const [, element, count] = /^(.*)\[(\d+)\]$/.exec(bare) ?? [];
	if (element !== undefined) {
		const each = extentOf(element);
		return {sizeBytes: each.sizeBytes * Number(count), alignment: each.alignment};
	}
	if (/\*$|\(\*/.test(bare)) return {sizeBytes: 4, alignment: 4};
	const [, name] = /^struct (\w+)$/.exec(bare) ?? [];
	if (name !== undefined && Object.hasOwn(STRUCTURES, name)) return layoutOf(name as StructureName);
	const sizeBytes = SCALARS[bare];
	if (sizeBytes === undefined) throw new Error(`no size is known of the C type "${type}"`);
	return {sizeBytes, alignment: Math.min(sizeBytes, 4)};
}

/** A field's C type in each era. */
function typesOf(field: Field): ReadonlyMap<EraName, string | null> {
	const types = new Map<EraName, string | null>();
	let type: string | null = null;
	for (const era of ERA_NAMES) {
		const changed = typeof field === 'string' ? field : field[era];
		if (changed !== undefined) type = changed;
		types.set(era, type);
	}
	return types;
}

/** What a field takes in whichever era has it. */
function roomOf(field: Field): Extent {
	const types = [...typesOf(field).values()].filter(type => type !== null).map(extentOf);
	return {
		sizeBytes: Math.max(...types.map(({sizeBytes}) => sizeBytes)),
		alignment: Math.max(...types.map(({alignment}) => alignment)),
	};
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

const layouts = new Map<StructureName, Layout>();

function layoutOf(name: StructureName): Layout {
	let layout = layouts.get(name);
	if (!layout) {
		layout = computeLayout(STRUCTURES[name]);
		layouts.set(name, layout);
	}
	return layout;
}

function computeLayout(structure: Structure): Layout {
	const places = new Map<string, Place>();
	let end = 0;
	let alignment = 1;
	for (const [name, field] of Object.entries(structure)) {
		const room = roomOf(field);
		const offset = roundUp(end, room.alignment);
		places.set(name, {offset, sizeBytes: room.sizeBytes});
		end = offset + room.sizeBytes;
		alignment = Math.max(alignment, room.alignment);
	}
	return {sizeBytes: roundUp(end, alignment), alignment, places};
}

/** Bytes from the start of a structure to a field, in every era. */
export const offsetOf = <Name extends StructureName>(name: Name, field: FieldName<Name>): number =>
	layoutOf(name).places.get(field)!.offset;

/** Bytes of a structure in the era that has most of it. */
export const sizeOf = (name: StructureName): number => layoutOf(name).sizeBytes;

/** Fields of a structure that an era has, with their places, in order. */
export function fieldsOf<Name extends StructureName>(
	name: Name,
	era: EraName,
): readonly ({readonly name: FieldName<Name>; readonly type: string} & Place)[] {
	const {places} = layoutOf(name);
	return Object.entries<Field>(STRUCTURES[name]).flatMap(([field, declared]) => {
		const type = typesOf(declared).get(era);
		return type ? [{name: field as FieldName<Name>, type, ...places.get(field)!}] : [];
	});
}

/** What `MMTOP_ERA` is in C, by era: grows with the kernel's version. */
export const ERA_NUMBERS: Readonly<Record<EraName, number>> = {
	ldd3: 211,
	'2.6.32': 232,
	'3.2': 302,
	'5.10': 510,
	'6.1': 601,
	'6.18': 618,
};

/** `type name;` as C writes it. */
function declare(type: string, name: string): string {
	if (type.includes('$')) return `${type.replace('$', name)};`;
	const [, element, count] = /^(.*)(\[\d+\])$/.exec(type) ?? [];
	const [before, after] = element === undefined ? [type, ''] : [element, count];
	return `${before}${before.endsWith('*') ? '' : ' '}${name}${after};`;
}

/** Lines of one field: what each run of eras has there. */
function fieldLines(name: string, field: Field, place: Place, isLast: boolean): readonly string[] {
	const types = [...typesOf(field)];
	const runs = types.filter(([, type], index) => index === 0 || types[index - 1]![1] !== type);
	const hole = `unsigned char _no_${name}[${place.sizeBytes}] __attribute__((aligned(${alignmentOf(field)})));`;
	const line = (type: string | null) => `\t${type === null ? hole : declare(type, name)}`;
	if (runs.length === 1) return [line(runs[0]![1])];
	return [
		...runs.toReversed().flatMap(([era, type], index) => {
			const condition =
				index === runs.length - 1 ? '#else' : `#${index === 0 ? '' : 'el'}if MMTOP_ERA >= ${ERA_NUMBERS[era]}`;
			// A hole at the end is no part of the structure.
			return [condition, ...(type === null && isLast ? [] : [line(type)])];
		}),
		'#endif',
	];
}

const alignmentOf = (field: Field): number => roomOf(field).alignment;

function structureLines(name: StructureName): readonly string[] {
	const fields = Object.entries<Field>(STRUCTURES[name]);
	const {places} = layoutOf(name);
	return [
		`struct ${name} {`,
		...fields.flatMap(([field, declared], index) =>
			fieldLines(field, declared, places.get(field)!, index === fields.length - 1),
		),
		'};',
		'',
	];
}

/** Structures in an order in which C can take them: what one holds within itself comes before it. */
function inOrder(): readonly StructureName[] {
	const ordered: StructureName[] = [];
	const visit = (name: StructureName) => {
		if (ordered.includes(name)) return;
		for (const field of Object.values<Field>(STRUCTURES[name])) {
			for (const type of typesOf(field).values()) {
				const [, inner] = /^(?:(?:const|volatile) |union \{ )*struct (\w+)(?:\[\d+\]| \$.*)?$/.exec(type ?? '') ?? [];
				if (inner !== undefined) visit(inner as StructureName);
			}
		}
		ordered.push(name);
	};
	for (const name of Object.keys(STRUCTURES)) visit(name as StructureName);
	return ordered;
}

/** headers/include/mmtop/layouts.h */
export function layoutsHeader(): string {
	return [
		'/* Structures that drivers and the simulated kernel share. Made from source/kernel/module/structures.ts. */',
		'#ifndef MMTOP_LAYOUTS_H',
		'#define MMTOP_LAYOUTS_H',
		'#include <mmtop/types.h>',
		'',
		...Object.keys(STRUCTURES).map(name => `struct ${name};`),
		'',
		'#include <mmtop/pointers.h>',
		'',
		...inOrder().flatMap(structureLines),
		'#endif',
		'',
	].join('\n');
}
