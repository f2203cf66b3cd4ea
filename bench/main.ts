/** `npm run bench`: a line for each thing that has to stay cheap; `--real` measures this machine's kernel beside it. */
import {deviceBenches} from './devices.ts';
import {measure, showMeasured} from './measure.ts';
import {memoryBenches} from './memory.ts';
import {measureRealKernel} from './realKernel.ts';
import {screenBench} from './screen.ts';

const real = process.argv.includes('--real') ? measureRealKernel() : new Map<string, number>();
for (const bench of [...memoryBenches, ...deviceBenches, screenBench]) {
	console.log(showMeasured(await measure(bench, false), bench.real === undefined ? undefined : real.get(bench.real)));
}
process.exit(0);
