/** What going back in time takes, in a process of its own, for main.ts, which bundles this file. */
import {tuneEngineForMachine} from '../source/commands/engine.ts';
import {goBack} from './back.ts';

tuneEngineForMachine();
await goBack({ageS: 600, rounds: 20, restMs: 1000, say: line => console.log(line)});
process.exit(0);
