/** Small experiments that are written as steps: `lab/calls` takes them, and each is an injection like any other. */
import {formatCalls} from '../../formats/debugfs/lab/calls.ts';
import {FieldError, type FieldSteps, fieldOf, parseField} from '../../formats/field.ts';
import {parserFor} from '../../formats/parserFor.ts';
import {problemsOf} from '../../formats/schema.ts';
import {type FilePlace, type StepRecord, type StepsRecord, stepsDocument} from '../../formats/steps.ts';
import {prefixedHex} from '../../formats/text.ts';
import {IS_ERR} from '../../kernel/errno.ts';
import type {IocbFields} from '../../kernel/fs/aio_abi.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {LabError} from '../errors.ts';
import {type Bench, CouldNotRun, type Seen, type Workload} from '../experiment.ts';
import {experiments} from '../experiments/list.ts';
import {inChild, told} from '../experiments/steps.ts';
import {begin, type InjectionPlace} from '../injections.ts';
import {User} from '../userland.ts';
import {asides, stepsProblems} from './check.ts';
import {type Expression, parseExpression, parseStatement} from './expression.ts';
import {type Caller, calls, constants, iocbOf, makers} from './table.ts';
import {checkOf, filled, type Names, plain} from './value.ts';

/** What `lab/calls` shows. */
export const callsFile = (): string =>
	formatCalls({
		calls: [
			...calls.map(({name, parameters, gives}) => ({name, parameters, gives})),
			{
				name: 'in_child',
				parameters: asides.in_child!,
				gives: 'how a child ended that makes the call: 0, or the signal',
			},
			{name: 'event_res', parameters: asides.event_res!, gives: 'res of an event that came last, from 0 on'},
			...Object.entries(makers).map(([name, parameters]) => ({name, parameters, gives: 'a request for io_submit()'})),
		],
		constants: [...constants].map(([name, value]) => ({name, value})),
	});

/** @throws LabError EINVAL for what is not an experiment, with the first thing that is wrong */
function stepsOf(text: string): StepsRecord {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new LabError('EINVAL', 'calls takes JSON, as {"name":"mine","steps":["touch(0)"]}');
	}
	for (const {path, says} of problemsOf(value, stepsDocument)) throw wrong(path, says);
	const record = value as StepsRecord;
	for (const {path, says} of stepsProblems(record.steps)) throw wrong(['steps', ...path], says);
	if (experiments.some(({name}) => name === record.name))
		throw new LabError('EINVAL', `${record.name} is an experiment that there is already; take another name`);
	return record;
}

function wrong(path: readonly (string | number)[], says: string): LabError {
	const [, step] = path;
	return new LabError('EINVAL', typeof step === 'number' ? `step ${step + 1}: ${says}` : says);
}

/**
 * Carries out what was written to lab/calls.
 *
 * @param by who asks
 * @returns the number of the injection
 * @throws LabError EINVAL, EAGAIN
 */
export function injectSteps(place: InjectionPlace, text: string, by: string): number {
	const {name, steps} = stepsOf(text);
	const workload: Workload = {
		name,
		parameters: [],
		declares: steps.flatMap(step => (typeof step === 'object' && 'show' in step ? [step.show] : [])),
		comm: name.slice(0, 15),
		run: x => perform(x, steps),
	};
	return begin(place, workload, {}, [], by);
}

type Scope = {readonly x: Bench; readonly caller: Caller; readonly names: Map<string, number>};

function* perform(x: Bench, steps: readonly StepRecord[]): Sleeps<string> {
	const caller: Caller = {u: new User(x.k), notes: undefined, events: []};
	const scope: Scope = {x, caller, names: new Map([['pid', x.k.cpu.current.pid]])};
	for (const step of steps) {
		if (typeof step === 'string') yield* call(scope, step);
		else if ('let' in step) scope.names.set(step.let, numberIn(scope, step));
		else if ('show' in step) yield* x.show(step.show);
		else if ('say' in step) x.say(step.say);
		else expect(scope, step);
	}
	return 'the steps came to their end';
}

/** A result as strace prints it. */
const printed = (result: number): string =>
	result >= 0x1_0000 && Number.isSafeInteger(result)
		? prefixedHex(result)
		: IS_ERR(result)
			? told(result)
			: String(result);

function* call({x, caller, names}: Scope, line: string): Sleeps<void> {
	const {name, value} = parseStatement(line);
	const result = value.kind === 'call' ? yield* callOf(caller, names, value) : plain(value, names);
	if (name !== undefined) names.set(name, result);
	x.say(
		value.kind === 'call'
			? `${line.replace(/^\s*\w+\s*=\s*(?=\w+\s*\()/, '')} = ${printed(result)}`
			: `${line}: ${printed(result)}`,
	);
}

function* callOf(caller: Caller, names: Names, of: Extract<Expression, {kind: 'call'}>): Sleeps<number> {
	const {name, values} = of;
	if (name === 'event_res') {
		const index = plain(values[0]!, names);
		const event = caller.events[index];
		if (!event) throw new CouldNotRun(`event_res(${index}): io_getevents() gave ${caller.events.length} events`);
		return event.res;
	}
	if (name === 'in_child') {
		const inner = values[0]!;
		if (inner.kind !== 'call') return 0;
		return yield* inChild(caller.u, 'child', function* () {
			yield* callOf({...caller}, names, inner);
			return 0;
		});
	}
	const called = calls.find(each => each.name === name)!;
	return yield* called.run(
		caller,
		values.map(each => argumentOf(each, names)),
	);
}

function argumentOf(of: Expression, names: Names): number | string | IocbFields {
	if (of.kind === 'text') return of.value;
	if (of.kind !== 'call') return plain(of, names);
	return iocbOf(
		of.name,
		of.values.map(each => plain(each, names)),
	);
}

type View = {readonly path: string; readonly parse: (text: string) => unknown; readonly steps: FieldSteps};

function viewOf({file, field}: FilePlace, names: Names): View {
	const path = filled(file, names);
	const parse = parserFor(path);
	if (!parse) throw new CouldNotRun(`${path} has no documented format`);
	try {
		return {path, parse, steps: parseField(filled(field, names))};
	} catch (error) {
		// With what a call gave, it may be none: areas[-2].
		if (!(error instanceof FieldError)) throw error;
		throw new CouldNotRun(error.message);
	}
}

function numberIn({x, names}: Scope, place: {readonly let: string} & FilePlace): number {
	const {path, parse, steps} = viewOf(place, names);
	const seen = fieldOf(x.read({path, parse}), steps);
	if (typeof seen !== 'number') throw new CouldNotRun(`${path} ${place.field} is not a number: ${seen ?? 'nothing'}`);
	return seen;
}

/** An error is compared by its name, which says more than a number. */
const named = (value: Seen): Seen => (typeof value === 'number' && IS_ERR(value) ? told(value) : value);

function expect({x, names}: Scope, step: Extract<StepRecord, {expect: string}>): void {
	if ('that' in step) {
		const check = checkOf(step, names, undefined, false);
		const seen = plain(parseExpression(step.that), names);
		if ('equals' in check) x.observe(step.expect, named(seen), {equals: named(check.equals)});
		else if ('not' in check) x.observe(step.expect, named(seen), {not: named(check.not)});
		else x.observe<Seen>(step.expect, seen, check);
		return;
	}
	const {path, parse, steps} = viewOf(step, names);
	const check = checkOf(step, names, step.unit, true);
	x.expect<unknown, Seen>(step.expect, {path, parse}, record => fieldOf(record, steps), check);
}
