/** Exercises: their sources, and checks on a machine in this process. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseCheck} from '../../source/formats/debugfs/lab/check.ts';
import type {InjectionRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {files} from '../../source/formats/files.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {upload} from './modules.ts';
import {untilEnded} from './support.ts';

export const exerciseFolder = join(import.meta.dirname, '../../fixtures/exercises');

export const solutionNames: readonly string[] = readdirSync(exerciseFolder)
	.filter(file => file.endsWith('.c'))
	.map(file => file.replace(/\.c$/, ''))
	.sort();

/** The source of a solution, in which SOLUTION chooses between it and the skeleton. */
export const sourceOf = (name: string): string => readFileSync(join(exerciseFolder, `${name}.c`), 'utf8');

/** What a preprocessor would leave of it without SOLUTION, and nothing else done. */
export function skeletonOf(name: string): string {
	/** For each #if that is open: whether its lines are kept, and whether it asks for SOLUTION. */
	const open: {kept: boolean; asks: boolean}[] = [];
	const lines = sourceOf(name)
		.split('\n')
		.filter(line => {
			const [, word = ''] = /^#(ifdef|if|else|endif)\b/.exec(line) ?? [];
			const asks = line === '#ifdef SOLUTION';
			const inner = open.at(-1);
			if (word === 'ifdef' || word === 'if') open.push({kept: !asks, asks});
			else if (word === 'else' && inner?.asks) inner.kept = !inner.kept;
			else if (word === 'endif') open.pop();
			const isOurs = asks || (inner?.asks && (word === 'else' || word === 'endif'));
			return !isOurs && open.every(({kept}) => kept);
		});
	return lines.join('\n').replace(/\n{3,}/g, '\n\n');
}

/** As `mmtop check NAME` does it, on a machine that is there. */
export function checkOn(lab: Lab, name: string, object: Uint8Array): InjectionRecord {
	const number = upload(lab, 'insmod', `${name}.o`, object);
	const [done] = untilEnded(lab, [Number(lab.write(files.check.path, `${name} ${number}`, 'test'))]);
	return done!;
}

/** The sentence of the first observation that failed, and the hint that belongs to it. */
export function failureOf(lab: Lab, {name, observations}: InjectionRecord) {
	const {hints} = parseCheck(String(lab.read(files.check.path))).exercises.find(each => each.name === name)!;
	const sentence = observations.find(({state}) => state === 'failed')?.sentence;
	return {sentence, hint: hints.find(({at}) => sentence?.startsWith(at))?.says};
}
