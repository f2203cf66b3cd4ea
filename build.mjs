// Bundles mmtop into one file that runs by itself: node build.mjs [OUTFILE]
import {chmod, readFile} from 'node:fs/promises';
import {builtinModules} from 'node:module';
import {dirname} from 'node:path';
import {build} from 'esbuild';
import {standInFor, standInNames} from './standIns.mjs';

const outfile = process.argv[2] ?? 'dist/mmtop.mjs';

const standIns = {
	name: 'stand-ins',
	setup({onResolve}) {
		onResolve({filter: new RegExp(`^(?:${standInNames.join('|').replaceAll('.', '\\.')})$`)}, ({path, importer}) => {
			const standIn = standInFor(path, importer);
			return standIn === undefined ? undefined : {path: standIn};
		});
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

// Evaluating string-width takes as long as half of bare Node's start, for tables of ICU. It is called for what is not plain
// (see inkWidth.ts), which on most screens is nothing.
const widthOnDemand = {
	name: 'width-on-demand',
	setup({onResolve, onLoad}) {
		onLoad({filter: /\/string-width\/index\.js$/, namespace: 'file'}, ({path}) => ({
			contents: `export default (...args) => require(${JSON.stringify(`${path}?`)}).default(...args);`,
		}));
		onResolve({filter: /\/string-width\/index\.js\?$/}, ({path}) => ({path: path.slice(0, -1), namespace: 'width'}));
		onLoad({filter: /.*/, namespace: 'width'}, async ({path}) => ({
			contents: await readFile(path, 'utf8'),
			resolveDir: dirname(path),
		}));
	},
};

// meow brings what repairs a package.json read from disk. Ours is an object in the source: nothing is to be repaired.
const withoutPackageRepair = {
	name: 'without-package-repair',
	setup({onLoad}) {
		onLoad({filter: /meow\/build\/dependencies\.js$/}, async ({path}) => {
			const source = await readFile(path, 'utf8');
			const contents = source.replace('var normalizeExports = requireNormalize();', 'var normalizeExports = () => {};');
			return contents === source ? {errors: [{text: `${path} is not as it was: see build.mjs`}]} : {contents};
		});
	},
};

await build({
	entryPoints: ['source/cli.tsx'],
	absWorkingDir: import.meta.dirname,
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
	plugins: [standIns, withoutDevtools, builtinsOnDemand, widthOnDemand, withoutPackageRepair],
	legalComments: 'none',
	logLevel: 'warning',
}).catch(() => {
	// esbuild has said what is wrong and where.
	process.exit(1);
});
await chmod(outfile, 0o755);
