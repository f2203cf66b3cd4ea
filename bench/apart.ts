/** One measurement in a process of its own, for main.ts, which bundles this file: the argument is its index. */
import {benches} from './benches.ts';
import {measure} from './measure.ts';

process.stdout.write(JSON.stringify(await measure(benches[Number(process.argv[2])]!, false)));
process.exit(0);
