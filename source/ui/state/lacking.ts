/** Which panes a real Linux has nothing for, found out by its first answers, and how one gets more. */

import type {SampledTree} from '../../model/tree.ts';
import type {PaneId} from './panes.ts';

type Lacking = {
	readonly panes: readonly PaneId[];
	/** How one gets more, in a few words; empty where there is no more to get. */
	readonly advice: string;
};

function errorOf(tree: SampledTree, path: string): string | undefined {
	const file = tree[path];
	return file && 'error' in file ? file.error : undefined;
}

export const isRefused = (error: string): boolean => /^E(?:ACCES|PERM)\b/.test(error);
const isAbsent = (error: string): boolean => /^ENOENT\b/.test(error);

/** Panes that no Linux fills: what they show is in files of mmtop's machines. */
const ours: readonly PaneId[] = ['kmap', 'iocbs', 'page', 'findings'];

/**
 * @param empty panes that have nothing to show
 * @param pathsOf the files that a pane reads
 * @param isRoot whether root asks already
 */
export function lackingIn(
	tree: SampledTree,
	empty: readonly PaneId[],
	pathsOf: (id: PaneId) => readonly string[],
	isRoot: boolean,
): Lacking {
	const panes = [...new Set([...ours, ...empty])];
	const errorsOf = (id: PaneId): readonly string[] => pathsOf(id).flatMap(path => errorOf(tree, path) ?? []);
	const wanted = panes.filter(id => !ours.includes(id));
	const refused = wanted.filter(id => errorsOf(id).some(isRefused));
	const needsTracefs = wanted.includes('trace') && errorsOf('trace').some(isAbsent);
	const advice = [
		...(refused.length === 0
			? []
			: [`${refused.join(', ')}${isRoot ? ' may not be read here, even by root' : ': as root'}`]),
		...(needsTracefs ? ['trace: mount tracefs'] : []),
	];
	return {panes, advice: advice.join('; ')};
}
