/**
 * Calls and values as C writes them: `at = mmap(0, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0xf0 pages)`. A
 * number may have a unit behind it, which C has not.
 */
import {unitNames, unitSize} from '../../formats/quantity.ts';

export type Expression =
	| {readonly kind: 'number'; readonly value: number}
	| {readonly kind: 'text'; readonly value: string}
	| {readonly kind: 'name'; readonly name: string}
	| {readonly kind: 'minus'; readonly of: Expression}
	| {readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression}
	| {readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[]};

type Statement = {readonly name: string | undefined; readonly value: Expression};

/** A line that is not written as one is. The message is a sentence. */
export class ExpressionError extends Error {}

/** Brackets in brackets. */
const deepest = 16;

const token = /\s*(?:(0x[0-9a-fA-F]{1,13}|\d{1,15}(?:\.\d{1,9})?)|([A-Za-z_]\w*)|"([^"\\\p{Cc}]*)"|([-+*/|(),=]))/uy;

type Token = {readonly kind: 'number' | 'word' | 'text' | 'sign'; readonly text: string};

function tokensOf(text: string): Token[] {
	const tokens: Token[] = [];
	const whole = text.trimEnd();
	token.lastIndex = 0;
	for (let at = 0; at < whole.length; at = token.lastIndex) {
		const found = token.exec(whole);
		if (!found) throw new ExpressionError(`"${whole.slice(at).trim()}" cannot be read in "${text}"`);
		const [, number, word, quoted, sign] = found;
		if (number !== undefined) tokens.push({kind: 'number', text: number});
		else if (word !== undefined) tokens.push({kind: 'word', text: word});
		else if (quoted !== undefined) tokens.push({kind: 'text', text: quoted});
		else tokens.push({kind: 'sign', text: sign!});
	}
	return tokens;
}

/** Which operators bind: each row more than the one before. */
const levels = [['|'], ['+', '-'], ['*', '/']] as const;

class Reader {
	readonly #text: string;
	readonly #tokens: readonly Token[];
	#at = 0;
	#depth = 0;

	constructor(text: string) {
		this.#text = text;
		this.#tokens = tokensOf(text);
	}

	get #next(): Token | undefined {
		return this.#tokens[this.#at];
	}

	#isSign(...signs: readonly string[]): boolean {
		return this.#next?.kind === 'sign' && signs.includes(this.#next.text);
	}

	#fail(wanted: string): never {
		const got = this.#next === undefined ? 'its end' : `"${this.#next.text}"`;
		throw new ExpressionError(`expected ${wanted}, got ${got} in "${this.#text}"`);
	}

	#take(sign: string): void {
		if (!this.#isSign(sign)) this.#fail(`"${sign}"`);
		this.#at++;
	}

	end(): void {
		if (this.#next !== undefined) this.#fail('its end');
	}

	/** `name =`, if that stands there. */
	assigned(): string | undefined {
		const [first, second] = [this.#tokens[0], this.#tokens[1]];
		if (first?.kind !== 'word' || second?.kind !== 'sign' || second.text !== '=') return undefined;
		this.#at = 2;
		return first.text;
	}

	value(level = 0): Expression {
		const operators = levels[level];
		if (!operators) return this.#single();
		let left = this.value(level + 1);
		while (this.#isSign(...operators)) {
			const operator = this.#next!.text;
			this.#at++;
			left = {kind: 'binary', operator, left, right: this.value(level + 1)};
		}
		return left;
	}

	#single(): Expression {
		if (this.#depth >= deepest) throw new ExpressionError(`there are more than ${deepest} brackets in "${this.#text}"`);
		this.#depth++;
		try {
			return this.#inner();
		} finally {
			this.#depth--;
		}
	}

	#inner(): Expression {
		if (this.#isSign('-')) {
			this.#at++;
			return {kind: 'minus', of: this.#single()};
		}
		if (this.#isSign('(')) {
			this.#at++;
			const inner = this.value();
			this.#take(')');
			return inner;
		}
		const next = this.#next;
		if (next === undefined || next.kind === 'sign') return this.#fail('a value');
		this.#at++;
		if (next.kind === 'text') return {kind: 'text', value: next.text};
		if (next.kind === 'number') return this.#number(next.text);
		return this.#isSign('(')
			? {kind: 'call', name: next.text, values: this.#values()}
			: {kind: 'name', name: next.text};
	}

	#number(digits: string): Expression {
		const unit = this.#next?.kind === 'word' ? this.#next.text : undefined;
		if (unit === undefined) return {kind: 'number', value: Number(digits)};
		const size = unitSize(unit);
		if (size === undefined) this.#fail(`a unit (${unitNames.join(', ')}) or nothing behind ${digits}`);
		this.#at++;
		return {kind: 'number', value: Number(digits) * size};
	}

	#values(): Expression[] {
		this.#take('(');
		const values: Expression[] = [];
		while (!this.#isSign(')')) {
			if (values.length > 0) this.#take(',');
			values.push(this.value());
		}
		this.#take(')');
		return values;
	}
}

/** @throws ExpressionError */
export function parseStatement(text: string): Statement {
	const reader = new Reader(text);
	const name = reader.assigned();
	const value = reader.value();
	reader.end();
	return {name, value};
}

/** @throws ExpressionError */
export function parseExpression(text: string): Expression {
	const reader = new Reader(text);
	const value = reader.value();
	reader.end();
	return value;
}
