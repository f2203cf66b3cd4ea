/** What was done of a sheet that was left, so that the same command goes on. */
import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {stateDirectory} from '../../target/classes.ts';
import type {TaskResult} from './result.ts';
import {digestOf} from './sitting.ts';

export type Progress = {
	/** Wall time in UTC. */
	readonly began: string;
	readonly tasks: readonly TaskResult[];
	/** Of the machine of one's own; null on another one. */
	readonly session: string | null;
};

/** Which sheet on which machine. */
type SheetPlace = {readonly digest: string; readonly target: string | null};

const pathFor = (env: NodeJS.ProcessEnv, {digest, target}: SheetPlace): string =>
	join(stateDirectory(env), 'sheets', `${digest}-${target === null ? 'own' : digestOf(target)}.json`);

/** @returns undefined where there is nothing, or nothing that can be gone on with */
export function progressOf(env: NodeJS.ProcessEnv, place: SheetPlace): Progress | undefined {
	try {
		const progress = JSON.parse(readFileSync(pathFor(env, place), 'utf8'));
		const isOne = Array.isArray(progress?.tasks) && typeof progress.began === 'string';
		return isOne && (progress.session === null || typeof progress.session === 'string') ? progress : undefined;
	} catch {
		return undefined;
	}
}

/** A disk that takes nothing costs what is kept, not the sitting. */
export function keepProgress(env: NodeJS.ProcessEnv, place: SheetPlace, progress: Progress): void {
	const path = pathFor(env, place);
	try {
		mkdirSync(dirname(path), {recursive: true, mode: 0o700});
		writeFileSync(`${path}.part`, JSON.stringify(progress), {mode: 0o600});
		renameSync(`${path}.part`, path);
	} catch {
		// The next task is tried again.
	}
}

export const forgetProgress = (env: NodeJS.ProcessEnv, place: SheetPlace): void =>
	rmSync(pathFor(env, place), {force: true});
