/**
 * What a kind of vectors needs to be run: a function from a vector's inputs to the same vector with the simulator's
 * answers. The rest (comparing, counting, skipping classes) is the same for all.
 */
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {compareLeaves, type Difference, withoutAnswers} from './compare.ts';

export type Vector = {readonly [field: string]: unknown};

export type Document = {readonly [field: string]: unknown; readonly vectors: readonly Vector[]};

export type Options = {
	/** Run in this era instead of the document's own. */
	readonly era?: EraName;
};

export type Result = {
	readonly name: string;
	readonly outcome: 'passed' | 'failed' | 'skipped';
	/** For skipped ones the class, for failed ones an exception's text. */
	readonly reason?: string;
	readonly differences: readonly Difference[];
	/** Leaves of the recorded answers: compared, and left out by rule. */
	readonly compared: number;
	readonly leftOut: number;
	/** The vector with our answers. */
	readonly answered: Vector | undefined;
};

export type Topic = {
	readonly name: string;
	readonly accepts: (document: Document) => boolean;
	readonly isAnswer: VectorTopic['isAnswer'];
	readonly leftOut: readonly LeftOut[];
	readonly classes: readonly SkippedClass[];
	readonly run: (document: Document, options: Options) => Iterable<Result>;
};

/** A leaf that is not compared, with the reason that docs/conformance.md gives. Paths look like `steps.3.maps.0`. */
type LeftOut = {
	readonly path: RegExp;
	readonly reason: string;
	/** Only in vectors of which this holds. */
	readonly when?: (vector: Vector) => boolean;
};

/** Vectors on which the simulator deliberately differs. */
type SkippedClass = {
	readonly name: string;
	readonly reason: string;
	readonly holds: (vector: Vector, document: Document, options: Options) => boolean;
};

type VectorTopic = {
	readonly name: string;
	readonly accepts: (document: Document) => boolean;
	/** Which leaves are answers of the kernel; the others are the question. */
	readonly isAnswer: (path: string, vector: Vector) => boolean;
	readonly leftOut?: readonly LeftOut[];
	readonly classes?: readonly SkippedClass[];
	/**
	 * Replaces what depends on chance (inode numbers, places in memory) by what it relates to, in the recorded vector and
	 * in ours alike.
	 */
	readonly relate?: (vector: Vector) => Vector;
	/** How a vector is called in reports. */
	readonly nameOf: (vector: Vector, index: number) => string;
	/** Gets ready for a document (boots its machines) and returns what answers its vectors, one after the other. */
	readonly prepare: (document: Document, options: Options) => (vector: Vector) => Vector;
};

/** Makes a topic of a function that answers vectors. */
export function vectorTopic(topic: VectorTopic): Topic {
	const {name, accepts, isAnswer, leftOut = [], classes = []} = topic;
	return {name, accepts, isAnswer, leftOut, classes, run: (document, options) => runVectors(topic, document, options)};
}

function* runVectors(topic: VectorTopic, document: Document, options: Options): Iterable<Result> {
	let answer = topic.prepare(document, options);
	let index = 0;
	for (const vector of document.vectors) {
		const name = topic.nameOf(vector, index++);
		const skipped = topic.classes?.find(each => each.holds(vector, document, options));
		const nothing = {name, differences: [], compared: 0, leftOut: 0};
		if (skipped) {
			const question = withoutAnswers(vector, path => topic.isAnswer(path, vector)) as Vector;
			yield {...nothing, outcome: 'skipped', reason: skipped.name, answered: question};
			continue;
		}
		let answered: Vector;
		try {
			answered = answer(vector);
		} catch (error) {
			const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
			// What threw may have left its machine in the middle of something: the next vector gets a new one.
			answer = topic.prepare(document, options);
			yield {...nothing, outcome: 'failed', reason, answered: undefined};
			continue;
		}
		const leavesOut = (path: string) =>
			topic.leftOut?.some(each => each.path.test(path) && (each.when?.(vector) ?? true)) ?? false;
		const relate = topic.relate ?? ((each: Vector) => each);
		const report = compareLeaves(relate(vector), relate(answered), path => topic.isAnswer(path, vector), leavesOut);
		const outcome = report.differences.length === 0 ? 'passed' : 'failed';
		yield {name, outcome, answered, ...report};
	}
}
