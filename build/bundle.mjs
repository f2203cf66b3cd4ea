// How mmtop becomes one file: what esbuild is asked, and the licences of what it puts into the file.
import {appendFile, chmod, writeFile} from 'node:fs/promises';
import {builtinModules} from 'node:module';
import {dirname, join} from 'node:path';
import {build} from 'esbuild';
import {standInFor, standInNames} from '../standIns.mjs';
import {asComment, noticesFor} from './licences.mjs';

const root = join(import.meta.dirname, '..');

const standIns = {
	name: 'stand-ins',
	setup({onResolve}) {
		onResolve(
			{filter: new RegExp(`^(?:${standInNames.join('|').replaceAll('.', '\\.')})$`)},
			({path, importer, namespace}) => {
				// What is evaluated when called is the package itself.
				const standIn = namespace === 'when-called' ? undefined : standInFor(path, importer);
				return standIn === undefined ? undefined : {path: standIn};
			},
		);
	},
};

// Ink imports its devtools only when DEV=true is set, and what they need is not installed.
const withoutDevtools = {
	name: 'without-devtools',
	setup({onLoad}) {
		onLoad({filter: /ink\/build\/devtools\.js$/}, () => ({contents: ''}));
	},
};

// In one file every static import of Node's own would be loaded at the start, whoever needs it: node:http alone costs a
// tenth of bare Node's start.
const builtinsOnDemand = {
	name: 'builtins-on-demand',
	setup({onResolve, onLoad}) {
		const names = builtinModules.filter(name => name !== 'module').join('|');
		onResolve({filter: new RegExp(`^(node:)?(${names})$`), namespace: 'file'}, ({path}) => ({
			path: path.replace(/^node:/, ''),
			namespace: 'builtin',
		}));
		onLoad({filter: /.*/, namespace: 'builtin'}, ({path}) => ({contents: `module.exports = require('node:${path}');`}));
	},
};

// Packages in whose place stands a module of ours, whole: it evaluates the package when it is first called.
// string-width takes as long to evaluate as half of bare Node's start, for tables of ICU; it is called for what is not
// plain (see inkWidth.ts), which on most screens is nothing. meow brings what reads and repairs a package.json, which
// takes a twentieth of a start; a command line without words needs none of it.
const evaluatedWhenCalled = {
	name: 'evaluated-when-called',
	setup({onResolve, onLoad}) {
		onResolve({filter: /^(string-width|meow)$/}, ({path, namespace}) =>
			namespace === 'when-called' ? undefined : {path, namespace: 'when-called'},
		);
		onLoad({filter: /.*/, namespace: 'when-called'}, ({path}) => ({
			contents: `export default (...args) => require('${path}').default(...args);`,
			resolveDir: root,
		}));
	},
};

/** What runs as mmtop's bundle does, from any file of the repository. @returns esbuild's metafile */
export async function bundleOf(entry, outfile) {
	const {metafile} = await build({
		entryPoints: [entry],
		absWorkingDir: root,
		outfile,
		bundle: true,
		platform: 'node',
		target: 'node20',
		// Ink's graph awaits at top level, which only ESM can.
		format: 'esm',
		jsx: 'automatic',
		// React picks its production build by this, at bundling time: its development build leaks memory with every frame.
		define: {
			'process.env.NODE_ENV': '"production"',
			'process.env.DEV': '"false"',
			// With it yoga would fetch() its code from a data: URL, and Node load a whole HTTP client for that.
			fetch: 'undefined',
		},
		banner: {
			// The CommonJS packages inside call require() for Node's own modules.
			js: `#!/usr/bin/env node
import {createRequire as __createRequire} from 'node:module';
const require = __createRequire(import.meta.url);`,
		},
		plugins: [standIns, withoutDevtools, builtinsOnDemand, evaluatedWhenCalled],
		legalComments: 'eof',
		metafile: true,
		logLevel: 'warning',
	});
	return metafile;
}

/** Writes the bundle, and its notices beside it. @returns esbuild's metafile */
export async function bundle(outfile) {
	const metafile = await bundleOf('source/cli.tsx', outfile);
	const notices = await noticesFor(root, metafile);
	await writeFile(join(dirname(outfile), 'THIRD-PARTY-NOTICES.txt'), notices);
	await appendFile(outfile, asComment(notices));
	await chmod(outfile, 0o755);
	return metafile;
}
