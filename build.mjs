// Bundles mmtop into one file that runs by itself: node build.mjs [OUTFILE]
import {bundle} from './build/bundle.mjs';

await bundle(process.argv[2] ?? 'dist/mmtop.mjs').catch(error => {
	// esbuild has said what is wrong and where.
	if (!error.errors) console.error(error.message);
	process.exit(1);
});
