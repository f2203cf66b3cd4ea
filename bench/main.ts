/** `npm run bench [-- --small]`: a line for each thing that has to stay cheap. */
import {kernelBenches} from './kernel.ts';
import {measure, showMeasured} from './measure.ts';
import {screenBench} from './screen.ts';

const small = process.argv.includes('--small');
for (const bench of [...kernelBenches, screenBench]) console.log(showMeasured(await measure(bench, small)));
process.exit(0);
