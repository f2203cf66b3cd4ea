/** What a sheet is: the types, and the JSON Schema that is published and by which sheets are checked. */
import type {Schema} from '../../formats/schema.ts';
import type {FilePlace, WantedValue} from '../../formats/steps.ts';
import {nameSchema, placeSchemas, type StepRecord, stepsSchema, wantedSchemas} from '../../formats/steps.ts';
import {ERA_NAMES} from '../../kernel/era/behaviour.ts';
import {presets} from '../../lab/presets.ts';

/** What is done to a machine. */
export type Act =
	| {readonly inject: string}
	| {readonly do: string}
	| {readonly write: string; readonly text: string}
	| {readonly wait: string};

export type SheetCheck = {readonly says: string} & (
	| {readonly experiment: string; readonly observed?: string; readonly given?: Readonly<Record<string, number>>}
	| (FilePlace & WantedValue)
);

/** What is asked, and how an answer is told from a wrong one. */
export type SheetAnswer =
	| {readonly choices: readonly string[]; readonly right: number}
	| {readonly words: readonly string[]}
	| {readonly number: number | string; readonly within?: number | string; readonly unit?: string}
	| FilePlace;

export type SheetTask = {
	readonly question: string;
	readonly do?: string;
	readonly answer?: SheetAnswer;
	readonly checks?: readonly SheetCheck[];
	readonly points?: number;
	readonly tries?: number;
	readonly hints?: readonly string[];
	readonly solution?: {readonly answer?: number | string; readonly acts?: readonly Act[]};
};

type SheetMachine = {
	readonly preset?: string;
	readonly era?: string;
	readonly seed?: number;
	readonly load?: string;
	readonly mem?: string;
	readonly highmem?: string;
	readonly pae?: boolean;
	readonly cpus?: number;
};

export type Sheet = {
	readonly title: string;
	readonly about?: string;
	readonly machine?: SheetMachine;
	readonly setup?: readonly Act[];
	readonly experiments?: Readonly<Record<string, {readonly about?: string; readonly steps: readonly StepRecord[]}>>;
	readonly tasks: readonly SheetTask[];
};

const text = (description: string, maxLength = 2000): Schema => ({
	type: 'string',
	description,
	minLength: 1,
	maxLength,
});

const object = (
	properties: Readonly<Record<string, Schema>>,
	required: readonly string[],
	description?: string,
): Schema => ({
	type: 'object',
	...(description !== undefined && {description}),
	properties,
	required,
	additionalProperties: false,
});

const list = (items: Schema, description: string, maxItems = 50): Schema => ({
	type: 'array',
	description,
	items,
	minItems: 1,
	maxItems,
});

const size: Schema = {
	type: 'string',
	description: 'a size, as 128M or 1G',
	pattern: '^[0-9]{1,15}[KMGkmg]?$',
};

const machine = object(
	{
		preset: {type: 'string', description: 'what kind of machine', enum: Object.keys(presets)},
		era: {type: 'string', description: 'which kernel it behaves like', enum: ERA_NAMES},
		seed: {type: 'integer', description: 'what its chance starts from', minimum: 0, maximum: 4294967295},
		load: {
			type: 'string',
			description: 'how much goes on by itself; quiet where none is said',
			enum: ['quiet', 'calm', 'busy'],
		},
		mem: size,
		highmem: size,
		pae: {type: 'boolean', description: 'page tables with PAE'},
		cpus: {type: 'integer', description: 'its CPUs', minimum: 1, maximum: 8},
	},
	[],
	'the machine that a student gets who has none',
);

export const actSchema: Schema = {
	anyOf: [
		object({inject: text('an experiment with its parameters, as direct-read pages=4', 300)}, ['inject']),
		object({do: {...nameSchema, description: 'an experiment of this sheet'}}, ['do']),
		object({write: text('the path of a file of the machine', 300), text: text('what is written to it', 4000)}, [
			'write',
			'text',
		]),
		object(
			{
				wait: {
					type: 'string',
					description: 'a time of the machine, as 2s or 300ms',
					pattern: '^[0-9]{1,6}(\\.[0-9]{1,6})?(us|ms|s)$',
				},
			},
			['wait'],
		),
	],
};

const acts = (description: string): Schema => list(actSchema, description);

const check: Schema = {
	anyOf: [
		object(
			{
				experiment: text('the name of an experiment; it has to be run in this task', 60),
				observed: text('how the sentence of the observation begins that has to hold; absent: all hold', 300),
				given: {
					type: 'object',
					description: 'parameters with which it has to be run',
					additionalProperties: {type: 'integer'},
				},
				says: text('what is checked, in a sentence', 300),
			},
			['experiment', 'says'],
		),
		object({...placeSchemas, ...wantedSchemas, says: text('what is checked, in a sentence', 300)}, [
			'file',
			'field',
			'says',
		]),
	],
};

const number: Schema = {anyOf: [{type: 'number'}, {type: 'string', minLength: 1, maxLength: 60}]};

const answer: Schema = {
	anyOf: [
		object(
			{
				choices: list(text('an answer', 300), 'what may be chosen', 9),
				right: {type: 'integer', description: 'which one is right, counted from 1', minimum: 1, maximum: 9},
			},
			['choices', 'right'],
		),
		object({words: list(text('a right answer', 200), 'right answers, in whatever case')}, ['words']),
		object(
			{
				number: {...number, description: 'the right number, as 16, 0x10 or 4 pages'},
				within: {...number, description: 'how far from it is right as well'},
				unit: placeSchemas.unit,
			},
			['number'],
		),
		object(placeSchemas, ['file', 'field']),
	],
};

const task = object(
	{
		question: text('what is asked'),
		do: text('what the student does'),
		answer: {...answer, description: 'what the student answers; absent: nothing is to be answered'},
		checks: list(check, 'what has to be so on the machine'),
		points: {type: 'number', description: 'what it is worth; 1 where it is not said', minimum: 0, maximum: 1000},
		tries: {
			type: 'integer',
			description: 'how often one may answer; absent: as often as one likes',
			minimum: 1,
			maximum: 100,
		},
		hints: list(text('a hint; the student asks for one after the other'), 'what helps'),
		solution: object(
			{answer: {...number, description: 'the answer as it would be typed'}, acts: acts('what to do')},
			[],
			'what "mmtop sheet check --solve" does',
		),
	},
	['question'],
);

const experiment = object({about: text('what it does'), steps: stepsSchema}, ['steps']);

export const sheetSchema: Schema = object(
	{
		title: text('what the sheet is called', 120),
		about: text('what one reads first'),
		machine,
		setup: acts('what is done to the machine before the first task'),
		experiments: {
			type: 'object',
			description: 'experiments of this sheet, by name',
			additionalProperties: experiment,
			propertyNames: {pattern: nameSchema.pattern!},
			minProperties: 1,
		},
		tasks: list(task, 'one after the other'),
	},
	['title', 'tasks'],
);

/** As it is published. */
export const publishedSchema = {
	$schema: 'https://json-schema.org/draft/2020-12/schema',
	title: 'A sheet of mmtop',
	...sheetSchema,
};
