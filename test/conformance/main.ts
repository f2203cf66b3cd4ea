/**
 * Runs vector files against the simulator: `npm run conformance -- FILE… [--emit OUT] [--era ERA]`.
 *
 * Prints every failing vector with the first leaf that differs, and closes with `N passed, N failed, N skipped`.
 * `--emit` writes the vectors again with the simulator's answers; its input needs none. `--exceptions` alone prints
 * what is skipped or not compared, as docs/conformance.md has it.
 */
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {gunzipSync, gzipSync} from 'node:zlib';
import {isEraName} from '../../source/kernel/era.ts';
import {exceptionsPage} from './exceptions.ts';
import {isModuleFolder, readModules} from './modules.ts';
import {parseProcessorVectors} from './processor.ts';
import type {Document, Options, Result, Topic, Vector} from './topic.ts';
import {topics} from './topics.ts';

function read(path: string): Document {
	if (isModuleFolder(path)) return readModules(path);
	const bytes = readFileSync(path);
	const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString() : bytes.toString();
	const isJson = /^\s*[{[]/.test(text);
	return (isJson ? undefined : parseProcessorVectors(text)) ?? (JSON.parse(text) as Document);
}

/** A directory stands for the vector files in it; a folder of drivers in C is one document. */
function filesOf(path: string): readonly string[] {
	if (!statSync(path).isDirectory() || isModuleFolder(path)) return [path];
	const names = readdirSync(path).filter(name => /\.json(?:\.gz)?$|\.txt\.gz$/.test(name));
	return names.sort().map(name => join(path, name));
}

/** Writes the document with the answers in place of its own, a vector a line like the originals. */
function write(path: string, document: Document, answered: readonly Vector[]): void {
	const {vectors: _, ...head} = document;
	const lines = answered.map(vector => JSON.stringify(vector)).join(',\n');
	const text = `${JSON.stringify(head).slice(0, -1)}, "vectors": [\n${lines}\n]}\n`;
	writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
}

function describe(result: Result): string {
	const [first] = result.differences;
	if (!first) return `FAIL ${result.name}: ${result.reason ?? ''}`;
	const more = result.differences.length > 1 ? ` (and ${result.differences.length - 1} more)` : '';
	return (
		`FAIL ${result.name} at ${first.path}: expected ${JSON.stringify(first.expected)}, got ` +
		`${JSON.stringify(first.got)}${more}`
	);
}

type Totals = {passed: number; failed: number; skipped: number};

function runFile(path: string, topic: Topic, document: Document, options: Options, emit: string | undefined): Totals {
	const totals: Totals = {passed: 0, failed: 0, skipped: 0};
	const skips = new Map<string, number>();
	const answered: Vector[] = [];
	let compared = 0;
	let leftOut = 0;
	let index = 0;
	for (const result of topic.run(document, options)) {
		// Without a recorded answer there is nothing to pass or fail; it is answered all the same.
		const isQuestion = emit !== undefined && result.compared + result.leftOut === 0;
		totals[isQuestion ? 'skipped' : result.outcome]++;
		compared += result.compared;
		leftOut += result.leftOut;
		answered.push(result.answered ?? document.vectors[index]!);
		index++;
		if (result.outcome === 'skipped') skips.set(result.reason ?? '', (skips.get(result.reason ?? '') ?? 0) + 1);
		if (result.outcome === 'failed' && emit === undefined) console.log(describe(result));
	}
	if (emit !== undefined) write(emit, document, answered);
	for (const [reason, count] of skips) console.log(`skipped ${count}: ${reason}`);
	const share = compared + leftOut === 0 ? 0 : Math.floor((1000 * compared) / (compared + leftOut)) / 10;
	console.log(`${path}: ${topic.name}, ${compared} of ${compared + leftOut} answer leaves compared (${share} %)`);
	return totals;
}

function main(): number {
	const {values, positionals} = parseArgs({
		allowPositionals: true,
		options: {emit: {type: 'string'}, era: {type: 'string'}, exceptions: {type: 'boolean'}},
	});
	if (values.exceptions) {
		process.stdout.write(exceptionsPage(topics));
		return 0;
	}
	if (positionals.length === 0) {
		console.error('conformance: give at least one vector file');
		return 2;
	}
	if (values.emit !== undefined && positionals.flatMap(filesOf).length > 1) {
		console.error('conformance: --emit writes one file, so give one');
		return 2;
	}
	if (values.era !== undefined && !isEraName(values.era)) {
		console.error(`conformance: there is no era "${values.era}"`);
		return 2;
	}
	const options: Options = values.era === undefined ? {} : {era: values.era};
	const sum: Totals = {passed: 0, failed: 0, skipped: 0};
	for (const path of positionals.flatMap(filesOf)) {
		const document = read(path);
		// A folder of recordings has notes beside its vectors.
		if (!Array.isArray(document.vectors) && !positionals.includes(path)) {
			console.log(`${path}: no vectors in it`);
			continue;
		}
		const topic = topics.find(each => each.accepts(document));
		if (!topic) {
			console.error(`conformance: ${path} is of no kind that is known here`);
			return 2;
		}
		const totals = runFile(path, topic, document, options, values.emit);
		for (const outcome of ['passed', 'failed', 'skipped'] as const) sum[outcome] += totals[outcome];
	}
	console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
	return sum.failed === 0 ? 0 : 1;
}

process.exitCode = main();
