/** What the newest sample says of the machine as a whole. */

import {type ClassRecord, parseClass} from '../../formats/debugfs/lab/class.ts';
import {type Clock, parseClock} from '../../formats/debugfs/lab/clock.ts';
import {type ExperimentRecord, parseExperiments} from '../../formats/debugfs/lab/experiments.ts';
import {type FindingRecord, parseFindings} from '../../formats/debugfs/lab/findings.ts';
import {type Inject, parseInject} from '../../formats/debugfs/lab/inject.ts';
import {type LoadRecord, parseLoad} from '../../formats/debugfs/lab/load.ts';
import {type MachineRecord, parseMachine} from '../../formats/debugfs/lab/machine.ts';
import {parseMeminfo} from '../../formats/proc/meminfo.ts';
import {path} from '../../model/paths.ts';
import {recordIn, type SampledTree} from '../../model/tree.ts';

export type LabRecords = {
	readonly machine: MachineRecord | undefined;
	readonly clock: Clock | undefined;
	/** The class that the machine belongs to; undefined for one of no class. */
	readonly classRecord: ClassRecord | undefined;
	/** How much goes on by itself. */
	readonly load: LoadRecord | undefined;
	readonly experiments: readonly ExperimentRecord[];
	readonly inject: Inject | undefined;
	/** Oldest first. */
	readonly findings: readonly FindingRecord[];
	/** Free memory in kB. */
	readonly freeKb: number | undefined;
};

const noExperiments: LabRecords['experiments'] = [];
const noFindings: LabRecords['findings'] = [];

export const labOf = (tree: SampledTree): LabRecords => ({
	machine: recordIn(tree, path.machine, parseMachine),
	clock: recordIn(tree, path.clock, parseClock),
	classRecord: recordIn(tree, path.class, parseClass),
	load: recordIn(tree, path.load, parseLoad),
	experiments: recordIn(tree, path.experiments, parseExperiments)?.experiments ?? noExperiments,
	inject: recordIn(tree, path.inject, parseInject),
	findings: recordIn(tree, path.findings, parseFindings)?.findings ?? noFindings,
	freeKb: recordIn(tree, path.meminfo, parseMeminfo)?.MemFree,
});
