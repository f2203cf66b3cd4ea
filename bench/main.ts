/**
 * `npm run bench`: a line for each thing that has to stay cheap; `--only NAME` measures those whose name has it in it,
 * `--real` measures this machine's kernel beside it; `-- peers [ROUNDS]` compares with other monitors, `-- soak
 * [SAMPLES]` watches the heap for an hour, `-- slow-line` tells what a key takes over a slow line, `-- back` what going
 * back in time takes, `-- strangers FOLDER [ERA…]` which drivers of a tree compile and load. Each is measured in
 * a process of its own: what one leaves in the heap and in the compiler would be charged to the next.
 */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {bundleOf} from '../build/bundle.mjs';
import {benches} from './benches.ts';
import {type Measured, showMeasured} from './measure.ts';
import {comparePeers} from './peers.ts';
import {measureRealKernel} from './realKernel.ts';
import {slowLine} from './slowLine.ts';
import {soak} from './soak.ts';
import {strangers} from './strangers.ts';

const peers = process.argv.indexOf('peers');
const others = process.argv.indexOf('strangers');
const long = process.argv.indexOf('soak');

/** Bundled, because that is what people run: Ink with what stands in for its packages. */
async function measureAll(): Promise<void> {
	const real = process.argv.includes('--real') ? measureRealKernel() : new Map<string, number>();
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-bench-'));
	const only = process.argv.indexOf('--only');
	try {
		const apart = join(directory, 'apart.mjs');
		await bundleOf('bench/apart.ts', apart);
		for (const [index, {name, real: realName}] of benches.entries()) {
			if (only >= 0 && !name.includes(process.argv[only + 1]!)) continue;
			const printed = execFileSync(process.execPath, [apart, String(index)], {encoding: 'utf8'});
			const realNs = realName === undefined ? undefined : real.get(realName);
			console.log(showMeasured(JSON.parse(printed) as Measured, realNs));
		}
	} finally {
		rmSync(directory, {recursive: true});
	}
}

/** Bundled, as what people run. */
async function measureBack(): Promise<void> {
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-bench-'));
	try {
		const apart = join(directory, 'back.mjs');
		await bundleOf('bench/backApart.ts', apart);
		execFileSync(process.execPath, [apart], {stdio: 'inherit'});
	} finally {
		rmSync(directory, {recursive: true});
	}
}

if (others >= 0) {
	try {
		const [folder, ...eras] = process.argv.slice(others + 1);
		if (folder === undefined) throw new Error('strangers needs the folder of drivers');

		strangers(folder, eras);
	} catch (error) {
		console.error(`strangers: ${(error as Error).message}`);
		process.exit(1);
	}
} else if (process.argv.includes('back')) {
	await measureBack();
} else if (process.argv.includes('slow-line')) {
	await slowLine();
} else if (peers >= 0) {
	await comparePeers(Number(process.argv[peers + 1] ?? 3));
} else if (long >= 0) {
	await soak(Number(process.argv[long + 1] ?? 36_000));
} else {
	await measureAll();
}
process.exit(0);
