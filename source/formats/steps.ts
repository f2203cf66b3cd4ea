/**
 * Steps of a small experiment that is written down as data: calls as in C, and what is expected. The types and the
 * schema say the same; `lab/calls` takes them as JSON, a sheet has them in YAML.
 */
import type {Schema} from './schema.ts';

/** What a value has to be; exactly one of them. */
export type WantedValue = {
	readonly equals?: number | string | boolean;
	readonly not?: number | string | boolean;
	readonly contains?: string;
	readonly lacks?: string;
	readonly atLeast?: number | string;
	readonly atMost?: number | string;
};

/** A field of a file; what is in braces in both stands for a value. */
export type FilePlace = {readonly file: string; readonly field: string; readonly unit?: string};

export type StepRecord =
	/** `at = mmap(0, 4 pages, PROT_READ, MAP_SHARED, fd, 0)` */
	| string
	| ({readonly let: string} & FilePlace)
	| ({readonly expect: string} & FilePlace & WantedValue)
	| ({readonly expect: string; readonly that: string} & WantedValue)
	| {readonly show: string}
	| {readonly say: string};

export type StepsRecord = {readonly name: string; readonly steps: readonly StepRecord[]};

const text = (description: string, maxLength = 200): Schema => ({type: 'string', description, minLength: 1, maxLength});

const value: Schema = {anyOf: [{type: 'number'}, {type: 'string', maxLength: 200}, {type: 'boolean'}]};
const size: Schema = {anyOf: [{type: 'number'}, {type: 'string', minLength: 1, maxLength: 200}]};

export const wantedKeys = ['equals', 'not', 'contains', 'lacks', 'atLeast', 'atMost'] as const;

export const wantedSchemas: Readonly<Record<(typeof wantedKeys)[number], Schema>> = {
	equals: {...value, description: 'it is this'},
	not: {...value, description: 'it is anything but this'},
	contains: text('this text is in it'),
	lacks: text('this text is not in it'),
	atLeast: {...size, description: 'it is this or more'},
	atMost: {...size, description: 'it is this or less'},
};

export const placeSchemas: Readonly<Record<keyof FilePlace, Schema>> = {
	file: {
		type: 'string',
		description:
			'the path of a file of the machine, as /proc/meminfo; {pid} and other names in braces stand for values',
		pattern: '^/',
		maxLength: 300,
	},
	field: text('where in its record, as MemFree or zones[zone=DMA].free; "mmtop cat --json PATH" prints the record'),
	unit: {
		type: 'string',
		description: 'what the field counts in, where a value is written with a unit of its own',
		enum: ['bytes', 'kB', 'KiB', 'MiB', 'GiB', 'pages', 'ns', 'us', 'ms', 's'],
	},
};

/** Words of an experiment, and of what it has. */
export const nameSchema: Schema = {
	type: 'string',
	description: 'a name: small letters, digits and -, 32 at most, a letter first',
	pattern: '^[a-z][a-z0-9-]{0,31}$',
};

const variable: Schema = {
	type: 'string',
	description: 'a name: letters, digits and _, 32 at most, a letter first',
	pattern: '^[a-z][A-Za-z0-9_]{0,31}$',
};

const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema => ({
	type: 'object',
	properties,
	required,
	additionalProperties: false,
});

const stepSchema: Schema = {
	anyOf: [
		text('a call as in C, as "fd = open("/dev/simple0", O_RDWR)"', 300),
		object(
			{
				expect: text('what is expected, in a sentence that can turn out false'),
				that: text('a name or an expression'),
				...placeSchemas,
				...wantedSchemas,
			},
			['expect'],
		),
		object({let: {...variable, description: 'the name of what is read there'}, ...placeSchemas}, [
			'let',
			'file',
			'field',
		]),
		object({show: text('a state, which the monitor holds until it was seen', 60)}, ['show']),
		object({say: text('a line of the story')}, ['say']),
	],
};

export const stepsSchema: Schema = {type: 'array', items: stepSchema, minItems: 1, maxItems: 200};

export const stepsDocument: Schema = object({name: nameSchema, steps: stepsSchema}, ['name', 'steps']);
