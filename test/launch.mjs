/**
 * Runs the bundle as `node BUNDLE …` does, without reading its 4 MB for what is in it each time, which is two fifths of
 * a short command's CPU time: node --experimental-vm-modules launch.mjs CODE BUNDLE …
 *
 * CODE is a file with what V8 made of the same text before; it is made when it is not there. What V8 does not take, as
 * under other flags, is compiled as ever.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {pathToFileURL} from 'node:url';
import {SourceTextModule, SyntheticModule} from 'node:vm';

// As if the bundle had been started: node BUNDLE …
const [, codeFile] = process.argv.splice(1, 2);
const bundle = process.argv[1];

const text = readFileSync(bundle, 'utf8');
const options = {
	identifier: pathToFileURL(bundle).href,
	initializeImportMeta(meta) {
		meta.filename = bundle;
		meta.dirname = dirname(bundle);
		meta.url = pathToFileURL(bundle).href;
	},
	importModuleDynamically: specifier => import(specifier),
};

function compiled() {
	if (!existsSync(codeFile)) return new SourceTextModule(text, options);
	try {
		return new SourceTextModule(text, {...options, cachedData: readFileSync(codeFile)});
	} catch {
		return new SourceTextModule(text, options);
	}
}

// What Node says of its vm modules is not said where mmtop runs without this.
const {emitWarning} = process;
process.emitWarning = () => {};
const module = compiled();
if (!existsSync(codeFile)) writeFileSync(codeFile, module.createCachedData());
await module.link(async specifier => {
	const builtin = await import(specifier);
	const names = Object.keys(builtin);
	return new SyntheticModule(names, function () {
		for (const name of names) this.setExport(name, builtin[name]);
	});
});
process.emitWarning = emitWarning;
await module.evaluate();
