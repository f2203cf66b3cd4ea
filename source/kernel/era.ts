/**
 * One table of what kernels disagree about. Code asks the era a question by name (`k.era.HZ`); nothing else in the
 * kernel knows a version. `ldd3` is a composite and says so: the behaviour of 2.6.11, the book's kernel, under the
 * names and signatures that the labs use. `6.18` is `6.1` with what docs/sources.md names.
 */
import {type Behaviour, ERA_NAMES, type EraName} from './era/behaviour.ts';
import {callBehaviours} from './era/calls.ts';
import {coreBehaviours} from './era/core.ts';
import {dmaBehaviours} from './era/dma.ts';
import {driverBehaviours} from './era/drivers.ts';
import {fileBehaviours} from './era/files.ts';
import {ioBehaviours} from './era/io.ts';
import {memoryBehaviours} from './era/memory.ts';
import {moduleBehaviours} from './era/module.ts';
import {oomBehaviours} from './era/oom.ts';
import {reportBehaviours} from './era/reports.ts';
import {vmaBehaviours} from './era/vma.ts';

const BEHAVIOURS = {
	...coreBehaviours,
	...memoryBehaviours,
	...vmaBehaviours,
	...ioBehaviours,
	...dmaBehaviours,
	...driverBehaviours,
	...fileBehaviours,
	...callBehaviours,
	...moduleBehaviours,
	...reportBehaviours,
	...oomBehaviours,
} as const;

type Values = {
	readonly [Name in keyof typeof BEHAVIOURS]: (typeof BEHAVIOURS)[Name] extends Behaviour<infer T> ? T : never;
};

export type Era = Values & {readonly name: EraName};

/** The answers of one era. They are read through a prototype: engines keep that as an object, not as a hash table. */
export function eraNamed(name: EraName): Era {
	const answers: Record<string, unknown> = {name};
	for (const [question, behaviour] of Object.entries(BEHAVIOURS)) {
		answers[question] = (behaviour as Behaviour<unknown>).values[name];
	}
	return Object.create(answers) as Era;
}

export const isEraName = (text: string): text is EraName => (ERA_NAMES as readonly string[]).includes(text);
