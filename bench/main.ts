/**
 * `npm run bench`: a line for each thing that has to stay cheap; `--real` measures this machine's kernel beside it;
 * `-- peers [ROUNDS]` compares with other monitors, `-- soak [SAMPLES]` watches the heap for an hour, `-- slow-line` tells what a
 * key takes over a slow line. Each is
 * measured in a process of its own: what one leaves in the heap and in the compiler would be charged to the next.
 */
import {execFileSync} from 'node:child_process';
import {deviceBenches} from './devices.ts';
import {type Measured, measure, showMeasured} from './measure.ts';
import {memoryBenches} from './memory.ts';
import {comparePeers} from './peers.ts';
import {measureRealKernel} from './realKernel.ts';
import {screenBench} from './screen.ts';
import {slowLine} from './slowLine.ts';
import {soak} from './soak.ts';

const benches = [...memoryBenches, ...deviceBenches, screenBench];
const only = process.argv.indexOf('--only');
const peers = process.argv.indexOf('peers');
const long = process.argv.indexOf('soak');

function measureApart(index: number): Measured {
	const child = [...process.execArgv, process.argv[1]!, '--only', String(index)];
	return JSON.parse(execFileSync(process.execPath, child, {encoding: 'utf8'})) as Measured;
}

if (process.argv.includes('slow-line')) {
	await slowLine();
} else if (only >= 0) {
	process.stdout.write(JSON.stringify(await measure(benches[Number(process.argv[only + 1])]!, false)));
} else if (peers >= 0) {
	await comparePeers(Number(process.argv[peers + 1] ?? 3));
} else if (long >= 0) {
	await soak(Number(process.argv[long + 1] ?? 36_000));
} else {
	const real = process.argv.includes('--real') ? measureRealKernel() : new Map<string, number>();
	for (const [index, {real: name}] of benches.entries())
		console.log(showMeasured(measureApart(index), name === undefined ? undefined : real.get(name)));
}
process.exit(0);
