import type {Topic} from './topic.ts';

const HEAD = `# Conformance

\`npm run conformance -- FILE…\` runs vectors of real kernels against the simulator: each on a machine like the one that it was
recorded on, in the era of its kernel. A vector passes when every leaf of its answer equals ours, except those below. Frame
numbers, inode numbers and the like are compared by relation: the same frame as before, the same file as another line.
\`--emit OUT\` writes the vectors again with the simulator's answers, and needs none in its input.

This page is printed by \`npm run conformance -- --exceptions\`; a test keeps it in step with the code.
`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
	return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}

/** docs/conformance.md: which vectors are skipped and which leaves are not compared, and why. */
export function exceptionsPage(topics: readonly Topic[]): string {
	const skipped = topics.flatMap(topic => topic.classes.map(each => [topic.name, each.name, each.reason]));
	const leaves = topics.flatMap(topic =>
		topic.leftOut.map(each => [topic.name, `\`${each.path.source}\`${each.when ? ' (some vectors)' : ''}`, each.reason]),
	);
	return [
		HEAD,
		'## Classes of vectors that are skipped\n',
		`${table(['topic', 'class', 'reason'], skipped)}\n`,
		'## Leaves that are not compared\n',
		`${table(['topic', 'path', 'reason'], leaves)}\n`,
	].join('\n');
}
