/**
 * YAML of unknown origin. The parser recurses and compares each key with all before, so what would take minutes, or end
 * the process, is refused first; and so are files that are too long, or have no end.
 */
import {open} from 'node:fs/promises';
import {type Document, isScalar, Lexer, parseDocument, visit} from 'yaml';
import {oneLine} from '../../target/sentence.ts';
import {Failure} from '../errors.ts';
import {codeOf} from '../journal.ts';

/** No sheet is larger, and no list of answers. */
const mostBytes = 256 * 1024;

/** Brackets in brackets, and columns before the first word of a line. */
const mostBrackets = 32;
const mostColumns = 100;

/** Aliases of one place: more of them make little text long. */
const mostAliases = 20;

/**
 * @param what it should be, in words
 * @throws Failure with exit code 3 for a file that cannot be read, or is too long
 */
export async function readShort(path: string, what: string): Promise<string> {
	// A device or a pipe may have no end: it is read only so far.
	const bytes = Buffer.alloc(mostBytes + 1);
	let length = 0;
	try {
		const file = await open(path);
		try {
			for (let got = -1; got !== 0 && length < bytes.length; length += got)
				got = (await file.read(bytes, length, bytes.length - length)).bytesRead;
		} finally {
			await file.close();
		}
	} catch (error) {
		throw new Failure([`${codeOf(error)}: cannot read ${path}`], 3);
	}
	if (length > mostBytes) throw new Failure([`${path} is not a ${what}: it has more than ${mostBytes} bytes`], 3);
	return bytes.toString('utf8', 0, length);
}

/** Something that is wrong, at a place in the text. */
export type YamlFault = {readonly offset: number; readonly says: string};

/** @returns where the text is nested deeper than any sheet */
function tooDeep(text: string): number | undefined {
	let [offset, brackets, columns, isLeading, isText] = [0, 0, 0, true, false];
	for (const token of new Lexer().lex(text)) {
		// Not in the text: a document begins, or a byte is not a token, or the next one is a text.
		if (token === '\u0002' || token === '\u0018' || token === '\u001f') {
			isText = token === '\u001f';
			continue;
		}
		const [first = ''] = token;
		const isSpace = !isText && /\s/.test(first);
		if (isLeading && !isSpace && first !== '#' && columns > mostColumns) return offset;
		if (!isText && (first === '[' || first === '{') && ++brackets > mostBrackets) return offset;
		if (!isText && (first === ']' || first === '}')) brackets--;
		isLeading = token.endsWith('\n') || (isLeading && (isSpace || (!isText && /^[-?:]$/.test(token))));
		columns = token.endsWith('\n') ? 0 : columns + token.length;
		offset += token.length;
		isText = false;
	}
	return undefined;
}

/** Keys that stand twice in one place, and those that are not words. */
function faultsOfKeys(document: Document): YamlFault[] {
	const faults: YamlFault[] = [];
	visit(document, {
		Map(_, {items}) {
			const known = new Set<unknown>();
			for (const {key} of items) {
				const offset = (key as {range?: [number, ...unknown[]] | null} | null)?.range?.[0] ?? 0;
				if (!isScalar(key)) faults.push({offset, says: 'a key is a word'});
				else if (known.has(String(key.value)))
					faults.push({offset, says: `${oneLine(String(key.value))} stands here twice`});
				else known.add(String(key.value));
			}
		},
	});
	return faults;
}

/** @returns the document, or what is wrong with it */
export function parseShort(text: string): {readonly document: Document.Parsed} | {readonly faults: YamlFault[]} {
	const deep = tooDeep(text);
	if (deep !== undefined) return {faults: [{offset: deep, says: 'this is nested too deep'}]};
	// Errors with their lines would be looked up one by one in all of the text.
	const document = parseDocument(text, {uniqueKeys: false, logLevel: 'error', prettyErrors: false});
	const faults = [...document.errors, ...document.warnings].map(({message, pos}) => ({
		offset: pos[0],
		says: oneLine(message),
	}));
	if (faults.length > 0) return {faults};
	const ofKeys = faultsOfKeys(document);
	return ofKeys.length > 0 ? {faults: ofKeys} : {document};
}

/** @returns what the document says. @throws what the parser says of aliases that grow without end */
export const contentOf = (document: Document): unknown => document.toJS({maxAliasCount: mostAliases});
