/**
 * An observation that cannot fail says nothing. Each is seen to fail when what it looks at is another: the field of the
 * file that it reads, or the result of the call.
 */
import {expect, test} from 'vitest';
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import {type Bench, type Check, type Experiment, passes, type Seen} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {type FieldPath, traced} from '../../source/lab/fields.ts';
import {inject} from '../../source/lab/injections.ts';
import {sampleOf} from '../sample.ts';
import {quietMachine, untilEnded} from './support.ts';

const addressesOf = (frames: readonly Seen[]): readonly Seen[] =>
	frames.flatMap(frame => (typeof frame === 'number' ? [frame * PAGE_SIZE] : []));

/** Other values in the place of one; what a check would not have is among them. */
function others(value: Seen, check: Check<Seen>): readonly Seen[] {
	const unwanted = ['not' in check ? check.not : [], 'lacks' in check ? check.lacks : []].flat();
	switch (typeof value) {
		case 'number':
			// A frame that a check would not have may stand in the file as its address.
			return [...unwanted, ...addressesOf(unwanted), value + 1, value - 1, 0, -1, 2 ** 40];
		case 'string':
			return [...unwanted, `${value}?`, 'other', ''];
		case 'boolean':
			return [!value];
		default:
			return [...unwanted, 1, 'other', true];
	}
}

/**
 * Whether a record tells when it holds something else at a path; a list gets a further element, or loses all.
 * @param own an element as this process, or a device of its own, would have it
 */
function shakenAt<T>(
	record: T,
	path: FieldPath,
	check: Check<Seen>,
	own: object,
	fails: (other: T) => boolean,
): boolean {
	const parentOf = (root: unknown) =>
		path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], root) as Record<string, unknown>;
	const key = path.at(-1);
	if (key === undefined) return false;
	const found = parentOf(record)[key];
	const changes = Array.isArray(found)
		? [[], ...[found[0] ?? {}, own, ...others(undefined, check)].map(each => [...found, each])]
		: others(found as Seen, check);
	return changes.some(change => {
		const copy = structuredClone(record);
		parentOf(copy)[key] = change;
		return fails(copy);
	});
}

function tells(look: () => boolean) {
	try {
		return look();
	} catch {
		return false;
	}
}

/** The experiment, which also puts down each observation that no other value makes fail. */
function perturbed(experiment: Experiment, unshakeable: string[]): Experiment {
	/** What each file showed whenever it was looked at. */
	const shown = new Map<string, unknown[]>();
	const bench = (x: Bench): Bench => ({
		...x,
		expect(sentence, view, pick, wanted) {
			const check = wanted as Check<Seen>;
			const record = x.read(view);
			const looks: Set<string> = new Set();
			pick(traced(record, path => looks.add(JSON.stringify(path))));
			const former = shown.get(view.path) ?? [];
			shown.set(view.path, [...former, record]);
			const {pid} = x.k.cpu.current;
			const own = {pid, device: `lab.${pid}`};
			const fails = (other: typeof record) => tells(() => !passes(pick(other), check));
			const paths = [...looks].reverse().map(path => JSON.parse(path) as FieldPath);
			const shakes =
				paths.some(path => shakenAt(record, path, check, own, fails)) ||
				former.some(each => fails(each as typeof record));
			if (!shakes) unshakeable.push(`${sentence} (${view.path})`);
			x.expect(sentence, view, pick, wanted);
		},
		observe(sentence, seen, wanted) {
			const check = wanted as Check<Seen>;
			if (others(seen, check).every(other => passes(other, check))) unshakeable.push(sentence);
			x.observe(sentence, seen, wanted);
		},
	});
	return {...experiment, run: x => experiment.run(bench(x))};
}

test.each(sampleOf(experiments, 16))('each observation of $name fails when what it looks at is another', experiment => {
	const {name, eras, preset} = experiment;
	const unshakeable: string[] = [];
	const machine = quietMachine({era: eras?.[0] ?? 'ldd3', ...(preset && {preset})});
	const id = inject(machine, name, 'test', [perturbed(experiment, unshakeable)]);
	const [injection] = untilEnded(machine, [id]);
	expect(injection!.status).toBe('done');
	expect(injection!.observations.length).toBeGreaterThan(0);
	expect(unshakeable).toEqual([]);
});
