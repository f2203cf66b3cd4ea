/** Every experiment, in the order of the mission. */
import type {Experiment} from '../experiment.ts';
import {aioBurst} from './aioBurst.ts';
import {atomicKmaps} from './atomicKmaps.ts';
import {coherentAllocation} from './coherentAllocation.ts';
import {directRead} from './directRead.ts';
import {mremapGrowth} from './mremapGrowth.ts';
import {poolWork} from './poolWork.ts';

export const EXPERIMENTS: readonly Experiment[] = [
	atomicKmaps,
	mremapGrowth,
	directRead,
	aioBurst,
	coherentAllocation,
	poolWork,
];
