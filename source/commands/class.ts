import type {CommandContext, CommandFunction} from './context.ts';
import {UsageError} from './errors.ts';
import type {FlagName} from './flags.ts';
import {spelled} from './flags.ts';

type Verb = {
	readonly run: (context: CommandContext) => Promise<number>;
	/** Flags beside --name. */
	readonly flags?: readonly FlagName[];
};

const verbs: Readonly<Record<string, Verb>> = {
	up: {
		run: async context => (await import('./class/up.ts')).classUp(context),
		flags: ['machine', 'era', 'seed', 'load', 'fresh', 'foreground'],
	},
	list: {run: async context => (await import('./class/list.ts')).classList(context), flags: ['json']},
	wall: {
		run: async context => (await import('./class/wall.ts')).classWall(context),
		flags: ['theme', 'ascii', 'mouse', 'refresh'],
	},
	reset: {run: async context => (await import('./class/tell.ts')).classReset(context.args, context)},
	message: {
		run: async context => {
			const text = context.args.join(' ').trim();
			if (text === '') throw new UsageError('class message takes a text');
			return (await import('./class/tell.ts')).tellAll(`message ${text}`, 'have the message', context);
		},
	},
	freeze: {run: async context => (await import('./class/tell.ts')).tellAll('freeze', 'are frozen', context)},
	thaw: {run: async context => (await import('./class/tell.ts')).tellAll('thaw', 'go on', context)},
	collect: {run: async context => (await import('./class/collect.ts')).classCollect(context.args, context)},
	down: {run: async context => (await import('./class/tell.ts')).classDown(context)},
};

export const classVerbs = Object.keys(verbs);

const withoutArguments = ['list', 'wall', 'freeze', 'thaw', 'down'];

/** `mmtop class up|list|wall|reset|message|freeze|thaw|collect|down`: the machines of a class on one computer. */
export const classCommand: CommandFunction = async context => {
	const [word, ...args] = context.args;
	if (word === undefined) throw new UsageError(`class takes ${classVerbs.join(', ')}; got nothing`);
	const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
	if (!verb) throw new UsageError(`class takes ${classVerbs.join(', ')}; got ${JSON.stringify(word)}`);
	const stray = (Object.keys(context.flags) as FlagName[]).find(
		name => name !== 'name' && !(verb.flags ?? []).includes(name),
	);
	if (stray !== undefined) throw new UsageError(`mmtop class ${word} does not take ${spelled(stray)}`);
	if (withoutArguments.includes(word) && args.length > 0) {
		throw new UsageError(`class ${word} takes no arguments, got ${JSON.stringify(args[0])}`);
	}
	return verb.run({...context, args});
};
