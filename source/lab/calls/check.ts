/** Whether steps can be done at all: what is wrong with them is known before anything runs. */
import {FieldError, parseField} from '../../formats/field.ts';
import {didYouMean} from '../../formats/nearest.ts';
import {parserFor} from '../../formats/parserFor.ts';
import {parseQuantity} from '../../formats/quantity.ts';
import type {ValuePath} from '../../formats/schema.ts';
import {type FilePlace, type StepRecord, type WantedValue, wantedKeys} from '../../formats/steps.ts';
import {countOf} from '../../formats/words.ts';
import {type Expression, ExpressionError, parseExpression, parseStatement} from './expression.ts';
import {calls, constants, makers, valuesOf} from './table.ts';

/** Names that a step may use, beside the constants. */
type Known = Set<string>;

type StepProblem = {readonly path: ValuePath; readonly says: string};

/** What is built in beside the calls of a process. */
export const asides: Readonly<Record<string, readonly string[]>> = {
	in_child: ['call'],
	event_res: ['index'],
};

const callNames = calls.map(({name}) => name);

function complainCount(name: string, parameters: readonly string[], got: number): string | undefined {
	const [least, most] = valuesOf({parameters});
	if (got >= least && got <= most) return undefined;
	return `${name} takes ${name}(${parameters.join(', ')}), got ${countOf(got, 'value')}`;
}

/** @param place where an expression stands: a whole line may call, within it only a request of io_submit() */
function* complaintsOf(
	of: Expression,
	known: ReadonlySet<string>,
	place: 'line' | 'request' | 'path' | 'value',
): Generator<string> {
	switch (of.kind) {
		case 'number':
			return;
		case 'text':
			if (place !== 'path') yield `"${of.value}" is a text, where a number is wanted`;
			else if (!of.value.startsWith('/')) yield `a path begins with /, got "${of.value}"`;
			return;
		case 'name':
			if (place === 'path') yield `a path is written in quotes, as "/dev/simple0"; got ${of.name}`;
			else if (!known.has(of.name) && !constants.has(of.name))
				yield `nothing is called ${of.name} so far${didYouMean(of.name, [...known, ...constants.keys()])}`;
			return;
		case 'minus':
			yield* complaintsOf(of.of, known, 'value');
			return;
		case 'binary':
			yield* complaintsOf(of.left, known, 'value');
			yield* complaintsOf(of.right, known, 'value');
			return;
		default:
			yield* complaintsOfCall(of, known, place);
	}
}

function* complaintsOfCall(
	{name, values}: Extract<Expression, {kind: 'call'}>,
	known: ReadonlySet<string>,
	place: 'line' | 'request' | 'path' | 'value',
): Generator<string> {
	const offered = place === 'request' ? makers : place === 'line' ? asides : {};
	const called = place === 'line' ? calls.find(each => each.name === name) : undefined;
	const parameters = called?.parameters ?? (Object.hasOwn(offered, name) ? offered[name] : undefined);
	if (!parameters) {
		const names = place === 'request' ? Object.keys(makers) : [...callNames, ...Object.keys(asides)];
		yield callNames.includes(name)
			? `${name}() has a line of its own, as "it = ${name}(…)"`
			: `there is no call ${name}${didYouMean(name, names) || `; there are ${names.join(', ')}`}`;
		return;
	}
	const count = complainCount(name, parameters, values.length);
	if (count !== undefined) yield count;
	for (const [index, value] of values.entries()) {
		const isRequest = name === 'io_submit' && index > 0;
		const inner =
			name === 'in_child' ? 'line' : parameters[index] === 'path' ? 'path' : isRequest ? 'request' : 'value';
		if (isRequest && value.kind !== 'call') yield 'a request is written as IOCB_CMD_PREAD(fd, buffer, count, offset)';
		else yield* complaintsOf(value, known, inner);
	}
}

/** What is wrong with a value. */
export function* textProblems(text: string, known: ReadonlySet<string>): Generator<string> {
	try {
		yield* complaintsOf(parseExpression(text), known, 'value');
	} catch (error) {
		if (!(error instanceof ExpressionError)) throw error;
		yield error.message;
	}
}

/** What stands in braces: an expression, and `:x` for hexadecimal. */
export const bracePattern = /\{([^{}]*?)(:x)?\}/g;

/** What is wrong with the place of a file. @param known names that braces may have */
export function* placeProblems({file, field}: FilePlace, known: ReadonlySet<string>): Generator<StepProblem> {
	for (const [key, text] of [
		['file', file],
		['field', field],
	] as const) {
		for (const [, inner = ''] of text.matchAll(bracePattern))
			for (const says of textProblems(inner, known)) yield {path: [key], says};
	}
	if (!parserFor(file.replace(bracePattern, '1')))
		yield {path: ['file'], says: `${file} has no documented format; docs/files.md lists the files that have one`};
	try {
		parseField(field.replace(bracePattern, '1'));
	} catch (error) {
		if (!(error instanceof FieldError)) throw error;
		yield {path: ['field'], says: error.message};
	}
}

/** What is wrong with what a value has to be. @param isText whether words are words, not names */
export function* wantedProblems(
	wanted: WantedValue,
	known: ReadonlySet<string>,
	isText: boolean,
): Generator<StepProblem> {
	const given = wantedKeys.filter(key => wanted[key] !== undefined);
	if (given.length !== 1) {
		yield {
			path: [],
			says: `it needs one of ${wantedKeys.join(', ')}, got ${given.length === 0 ? 'none' : given.join(' and ')}`,
		};
		return;
	}
	const [key] = given;
	const value = wanted[key!];
	if (typeof value !== 'string' || key === 'contains' || key === 'lacks') return;
	const isMeasure = key === 'atLeast' || key === 'atMost';
	if (parseQuantity(value) !== undefined) return;
	if (!isText || isMeasure) for (const says of textProblems(value, known)) yield {path: [key!], says};
}

function* stepProblems(step: StepRecord, known: Known): Generator<StepProblem> {
	if (typeof step === 'string') {
		try {
			const {name, value} = parseStatement(step);
			for (const says of complaintsOf(value, known, 'line')) yield {path: [], says};
			if (name !== undefined && constants.has(name)) yield {path: [], says: `${name} is a constant`};
			else if (name !== undefined) known.add(name);
		} catch (error) {
			if (!(error instanceof ExpressionError)) throw error;
			yield {path: [], says: error.message};
		}
	} else if ('let' in step) {
		yield* placeProblems(step, known);
		known.add(step.let);
	} else if ('expect' in step) {
		if ('that' in step === ('file' in step || 'field' in step))
			yield {path: [], says: 'it needs one of that, or file and field'};
		else if ('that' in step) for (const says of textProblems(step.that, known)) yield {path: ['that'], says};
		else if (step.file === undefined || step.field === undefined) yield {path: [], says: 'it needs file and field'};
		else yield* placeProblems(step, known);
		yield* wantedProblems(step, known, 'file' in step);
	}
}

/** What is wrong with steps that have the shape of some, in their order; paths begin with the number of the step. */
export function* stepsProblems(steps: readonly StepRecord[]): Generator<StepProblem> {
	const known: Known = new Set(['pid']);
	for (const [index, step] of steps.entries())
		for (const {path, says} of stepProblems(step, known)) yield {path: [index, ...path], says};
	const shown = steps.flatMap(step => (typeof step === 'object' && 'show' in step ? [step.show] : []));
	const twice = shown.find((state, index) => shown.indexOf(state) < index);
	if (twice !== undefined) yield {path: [], says: `the state "${twice}" is shown twice`};
}
