/** docs/write-it.md, made from the exercises and from what a check of each solution observes. */
import type {Exercise} from './exercise.ts';

const paragraph = (...sentences: readonly string[]): string => `${sentences.join(' ')}\n`;

const commands = `\`\`\`sh
mmtop check --list                          # the exercises
mmtop new driver mine --lab remap && cd mine
make check                                  # builds mine.ko and tries it
make hint                                   # where it fails: what to look at
\`\`\`
`;

const head = [
	'# Write it\n',
	paragraph(
		'Drivers with a part for you to write, and a check that says whether they do what they should.',
		'They need gcc or clang on the host (`apt install gcc make`); no root, and nothing can be harmed: the driver',
		'runs on a simulated machine.',
	),
	commands,
	paragraph(
		'Each check loads the driver into a fresh machine with the kernel that it was built for (`make ERA=6.1`), uses',
		'it, and takes it out. Every observation says what was expected and what was seen, and which file it was read',
		'from. Exit code 0: all hold; 1: one does not; 3: it could not be tried. `--json` has all of it.',
		'`mmtop check -t lab0 remap mine.ko` does it on a machine that you watch: each step waits until it was seen.',
	),
	paragraph(
		'To look further into one’s driver: `mmtop insmod`, `mmtop exec` ([drivers.md](drivers.md)), and pane `0` of the',
		'monitor, which has what went wrong.',
	),
	paragraph(
		'Made by `npm run docs` from `source/lab/exercises` and from what a check of the solutions',
		'(`fixtures/exercises`) observes.',
	),
].join('\n');

function section({name, title, source, task, preset}: Exercise, observed: readonly string[]): string {
	const machine = preset === undefined ? '' : ` The machine is \`--machine ${preset}\`.`;
	return [
		`## ${name}: ${title}`,
		'',
		`${task}${machine} (${source})`,
		'',
		'What is observed:',
		'',
		...observed.map(sentence => `- ${sentence}`),
		'',
	].join('\n');
}

/** @param observedOf the sentences that a check of an exercise's solution observes, in their order */
export function writeItDocument(
	exercises: readonly Exercise[],
	observedOf: (exercise: Exercise) => readonly string[],
): string {
	return [head, ...exercises.map(each => section(each, observedOf(each)))].join('\n');
}
