import {deviceBenches} from './devices.ts';
import {memoryBenches} from './memory.ts';
import {screenBench} from './screen.ts';

export const benches = [...memoryBenches, ...deviceBenches, screenBench];
