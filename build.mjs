// Bundles mmtop into one file that runs by itself, with its manual pages in man/ beside it: node build.mjs [OUTFILE]
import {execFileSync} from 'node:child_process';
import {dirname, join} from 'node:path';
import {bundle} from './build/bundle.mjs';

const outfile = process.argv[2] ?? 'dist/mmtop.mjs';

try {
	await bundle(outfile);
	execFileSync(process.execPath, [outfile, 'man-pages', join(dirname(outfile), 'man')], {stdio: 'inherit'});
} catch (error) {
	// esbuild has said what is wrong and where.
	if (!error.errors) console.error(error.message);
	process.exit(1);
}
