import {readdirSync, readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {FormatError} from '../../source/formats/text.ts';
import {decodeText} from '../../source/target/content.ts';
import {runs} from '../sample.ts';
import {capture, capturedFiles} from './support/captures.ts';

type Parser = (text: string) => unknown;

const parsers: readonly (readonly [path: string, parse: Parser])[] = Object.values(files).flatMap(row =>
	'parse' in row ? [[row.path, row.parse as Parser] as const] : [],
);
const decoders = Object.values(files).flatMap(row => ('decode' in row ? [[row.path, row.decode] as const] : []));

const folder = new URL('../../fixtures/otherKernels/', import.meta.url);

/** Texts of real kernels, short: damaged, they go farther into a parser than bytes by chance. */
const seeds: readonly string[] = [
	...readdirSync(folder).map(name => readFileSync(new URL(name, folder), 'utf8')),
	...capturedFiles().map(([kernel, path]) => capture(kernel, path)),
].map(text => text.slice(0, 1500));

const damaged = fc
	.tuple(fc.constantFrom(...seeds), fc.nat(1500), fc.nat(60), fc.uint8Array({maxLength: 12}))
	.map(([text, at, length, bytes]) => text.slice(0, at) + decodeText(bytes) + text.slice(at + length));
const anyBytes = fc.oneof(damaged, fc.uint8Array({maxLength: 300}).map(decodeText), fc.string({maxLength: 100}));

/** A record, or one sentence that names the file and the line. */
function expectAnswer(path: string, parse: Parser, text: string): void {
	try {
		expect(parse(text), path).toBeTypeOf('object');
	} catch (error) {
		expect(error, `${path} of ${JSON.stringify(text)}`).toBeInstanceOf(FormatError);
		expect((error as Error).message).toMatch(/^[^\n]+, line \d+: expected [^\n]+, got [^\n]+$/);
	}
}

describe('any bytes give a record or one sentence with the line', () => {
	it.each(parsers)('%s', (path, parse) => {
		fc.assert(
			fc.property(anyBytes, text => expectAnswer(path, parse, text)),
			{numRuns: runs(120), seed: 18},
		);
	});

	it.each(decoders)('%s', (_, decode) => {
		fc.assert(
			fc.property(fc.uint8Array({maxLength: 40}), bytes => {
				// A part of an entry at the end is left out.
				expect(decode(bytes)).toEqual(decode(bytes.subarray(0, bytes.length - (bytes.length % 8))));
			}),
			{numRuns: runs(60), seed: 18},
		);
	});
});

describe('a very long line costs no more than its length: squared, it would not end here', () => {
	const pieces = [
		'1',
		' ',
		'-1',
		'1 ',
		'a',
		'a-1 ',
		'(',
		'\\101',
		'a=1 ',
		',',
		'/',
		'vmalloc ',
		'CPU0 ',
		'0x1',
		': ',
		'kB ',
	];
	const heads = ['', 'a: ', '# tracer: ', 'Node 0, zone DMA ', '0x1-0x2 1 ', ' 1: ', '1 (', 'x-1 [000] '];
	const longOf = (piece: string) => piece.repeat(Math.ceil(60_000 / piece.length));

	function takes(parse: Parser, text: string): boolean {
		try {
			parse(text);
			return true;
		} catch (error) {
			if (error instanceof FormatError) return false;
			throw error;
		}
	}

	it.each(parsers)('%s', (_, parse) => {
		for (const piece of pieces) {
			for (const head of heads) takes(parse, `${head}${longOf(piece)}\n`);
		}
	});

	it.each(parsers)('%s, within a line that it takes', (_, parse) => {
		const taken = seeds.filter(seed => takes(parse, seed.slice(0, seed.lastIndexOf('\n') + 1))).slice(0, 2);
		for (const seed of taken) {
			const whole = seed.slice(0, seed.lastIndexOf('\n'));
			const from = whole.lastIndexOf('\n') + 1;
			for (const part of [0.3, 0.6, 0.9, 1]) {
				const at = from + Math.floor((whole.length - from) * part);
				for (const piece of pieces) takes(parse, `${whole.slice(0, at)}${longOf(piece)}${whole.slice(at)}\n`);
			}
		}
	});
});
