/**
 * Names that a module exports to modules after it: EXPORT_SYMBOL and EXPORT_SYMBOL_GPL. Models struct kernel_symbol
 * (include/linux/module.h, 2.6.11). headers/include/linux/export.h makes the records.
 */
import {type Image, imageText, recordsOf} from './image.ts';
import {u32At} from './object.ts';

type Export = {
	readonly name: string;
	readonly address: number;
	/** Only modules with a licence that is compatible with the GPL may use it. */
	readonly isGplOnly: boolean;
};

const RECORD_BYTES = 8;

const recordsIn = (image: Image, section: string, isGplOnly: boolean): readonly Export[] =>
	recordsOf(image, section, RECORD_BYTES).map(record => ({
		name: imageText(image, u32At(record, 4)),
		address: u32At(record, 0),
		isGplOnly,
	}));

export const exportsOf = (image: Image): readonly Export[] => [
	...recordsIn(image, '__ksymtab', false),
	...recordsIn(image, '__ksymtab_gpl', true),
];
