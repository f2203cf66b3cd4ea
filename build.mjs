// Bundles mmtop into one file that runs by itself: node build.mjs [OUTFILE]
import {chmod} from 'node:fs/promises';
import {build} from 'esbuild';

const outfile = process.argv[2] ?? 'dist/mmtop.mjs';

// Ink imports it only when DEV=true is set, and it is not installed: a bundle must hold something in its place.
const devtoolsStub = {
	name: 'devtools-stub',
	setup({onResolve, onLoad}) {
		onResolve({filter: /^react-devtools-core$/}, ({path}) => ({path, namespace: 'stub'}));
		onLoad({filter: /.*/, namespace: 'stub'}, () => ({
			contents: 'export default {initialize() {}, connectToDevTools() {}};',
		}));
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
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
	banner: {
		// The CommonJS packages inside call require() for Node's own modules.
		js: `#!/usr/bin/env node
import {createRequire as __createRequire} from 'node:module';
const require = __createRequire(import.meta.url);`,
	},
	plugins: [devtoolsStub],
	legalComments: 'none',
	logLevel: 'warning',
}).catch(() => {
	// esbuild has said what is wrong and where.
	process.exit(1);
});
await chmod(outfile, 0o755);
