/** How the machines of a class stand: what `class list` shows and `class collect` counts. */
import {parseClass} from '../../formats/debugfs/lab/class.ts';
import {parseClock} from '../../formats/debugfs/lab/clock.ts';
import {parseFindings} from '../../formats/debugfs/lab/findings.ts';
import {type InjectionRecord, isOver, parseInject} from '../../formats/debugfs/lab/inject.ts';
import {parseMachine} from '../../formats/debugfs/lab/machine.ts';
import type {TextFile} from '../../formats/fileRow.ts';
import {files} from '../../formats/files.ts';
import {serverFiles} from '../../formats/serverFiles.ts';
import {fromSampled} from '../../target/content.ts';
import type {Sample, Target} from '../../target/target.ts';

export type StudentStanding = {
	readonly student: string;
	readonly machine: string;
	readonly era: string;
	readonly timeNs: number;
	readonly state: string;
	readonly frozenBy: string | null;
	readonly monitors: number;
	/** Experiments that came to their end, and how. */
	readonly run: number;
	readonly held: number;
	readonly failed: number;
	/** The last one, and how it stands; null: none. */
	readonly experiment: {readonly name: string; readonly status: InjectionRecord['status']; readonly by: string} | null;
	readonly findings: number;
};

const standingFiles = [files.machine, files.clock, files.inject, files.findings, serverFiles.class] as const;

export const standingPaths: readonly string[] = standingFiles.map(({path}) => path);

/** @throws FormatError, or an Error for a file that is not there */
function recordIn<T>({files: sampled}: Sample, {path, parse}: TextFile<T>): T {
	const file = sampled[path];
	const content = file && fromSampled(file);
	if (typeof content !== 'string') throw new Error(`${path} cannot be read`);
	return parse(content);
}

/** @throws FormatError, TargetError */
export async function standingOf(target: Target, student: string): Promise<StudentStanding> {
	return standingIn(await target.sample({paths: standingPaths}), student);
}

/** @throws FormatError */
export function standingIn(sample: Sample, student: string): StudentStanding {
	const machine = recordIn(sample, {...files.machine, parse: parseMachine});
	const clock = recordIn(sample, {...files.clock, parse: parseClock});
	const {injections} = recordIn(sample, {...files.inject, parse: parseInject});
	const {findings} = recordIn(sample, {...files.findings, parse: parseFindings});
	const own = recordIn(sample, {...serverFiles.class, parse: parseClass});
	const over = injections.filter(isOver);
	const last = injections.at(-1);
	return {
		student,
		machine: machine.preset,
		era: machine.era,
		timeNs: sample.timeNs,
		state: clock.state,
		frozenBy: own.frozenBy,
		monitors: own.monitors,
		run: over.length,
		held: over.filter(({status}) => status === 'done').length,
		failed: over.filter(({status}) => status === 'failed').length,
		experiment: last ? {name: last.name, status: last.status, by: last.by} : null,
		findings: findings.length,
	};
}
