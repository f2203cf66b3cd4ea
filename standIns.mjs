/**
 * A package of Ink's, and a module of Ink itself, for which modules of ours stand in, whole: build.mjs,
 * vitest.config.ts and the benches all ask here, so that tests and measurements run what users run. Why, and what it
 * saves, is said in the modules.
 */

import {join} from 'node:path';

const modules = {
	'string-width': 'source/ui/terminal/inkWidth.ts',
	'./output.js': 'source/ui/terminal/inkRows.ts',
};

/** What has another version of its own, and whoever stands in or compares, gets the original. */
const keepsOriginal = /[\\/](?:wrap-ansi[\\/]|inkWidth\.ts|standIns\.test\.ts)/;

/** Only Ink's own. */
const isOutput = /[\\/]ink[\\/]build[\\/]renderer\.js$/;

export const standInNames = Object.keys(modules);

/** Packages through which these are reached: a test runner must not leave them to Node. */
export const standInUsers = ['ink', 'ink-table', 'ink-testing-library', 'cli-truncate', 'widest-line'];

/** @returns the file that stands in for a module; undefined where the importer gets the module itself */
export const standInFor = (specifier, importer = '') => {
	const module = modules[specifier];
	const isKept = specifier.startsWith('.') ? !isOutput.test(importer) : keepsOriginal.test(importer);
	return module === undefined || isKept ? undefined : join(import.meta.dirname, module);
};
