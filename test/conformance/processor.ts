/** truth/cpu: instruction sequences, and the registers, the word of memory and the flags that they leave behind. */
import {EAX, EBX, ECX, EDI, EDX, ESI, ESP, Trap} from '../../source/hardware/cpu/core.ts';
import {Processor} from '../../source/hardware/cpu/processor.ts';
import {GATE_BYTES} from '../../source/hardware/cpu/system.ts';
import {type Document, type Vector, vectorTopic} from './topic.ts';

const file = 'cpu';
const registers = ['eax', 'ebx', 'ecx', 'edx', '[esi]', 'eflags'] as const;
type Values = Readonly<Record<(typeof registers)[number], string>>;

const fromHex = (text: string) => Number.parseInt(text, 16);

function valuesOf(text: string): Values {
	const numbers = text.split(' ');
	return Object.fromEntries(registers.map((name, i) => [name, numbers[i]!])) as Values;
}

/** Lines `name|code|inputs|mask|outputs`. @returns undefined for any other text */
export function parseProcessorVectors(text: string): Document | undefined {
	const lines = text.split('\n').filter(line => line !== '');
	if (lines.length === 0 || lines.some(line => line.split('|').length < 5)) return undefined;
	const vectors = lines.map((line): Vector => {
		// A name may have a bar of its own; the four fields behind it have none.
		const fields = line.split('|');
		const [code, inputs, mask, outputs] = fields.slice(-4) as [string, string, string, string];
		return {name: fields.slice(0, -4).join('|'), code, before: valuesOf(inputs), mask, after: valuesOf(outputs)};
	});
	return {file: file, vectors};
}

const code = 0x1000;
const operands = 0x2000;
const stack = 0x8000;
const gate = 0x9000;
const memoryBytes = 0x1_0000;
/** More than any sequence needs. */
const mostInstructions = 100_000;
const ret = 0xc3;

/** A processor with 64 KiB of memory and nothing else around it. */
function bareProcessor(): {readonly cpu: Processor; readonly bytes: Uint8Array; readonly words: Int32Array} {
	const bytes = new Uint8Array(memoryBytes);
	const words = new Int32Array(bytes.buffer);
	const cpu = new Processor({
		place: address => (address < memoryBytes ? {bytes, words, offset: address & ~4095} : undefined),
		portIn: () => 0,
		portOut() {},
		segmentBase: () => 0,
		timeStamp: () => 0,
	});
	return {cpu, bytes, words};
}

function answer({cpu, bytes, words}: ReturnType<typeof bareProcessor>, vector: Vector): Vector {
	const before = vector.before as Values;
	bytes.fill(0);
	bytes.set([...String(vector.code).split(' ').map(fromHex), ret], code);
	bytes.set(GATE_BYTES, gate);
	words[stack / 4] = gate;
	words[operands / 4] = fromHex(before['[esi]']);
	words[operands / 4 + 1] = 0x1122_3344;
	cpu.r.fill(0);
	cpu.r[EAX] = fromHex(before.eax);
	cpu.r[EBX] = fromHex(before.ebx);
	cpu.r[ECX] = fromHex(before.ecx);
	cpu.r[EDX] = fromHex(before.edx);
	cpu.r[ESI] = operands;
	cpu.r[EDI] = 0x3000;
	cpu.r[ESP] = stack;
	cpu.flags = fromHex(before.eflags);
	cpu.eip = code;
	try {
		cpu.run(mostInstructions);
	} catch (error) {
		// What a sequence that ends in an exception leaves is its registers at that instruction.
		if (!(error instanceof Trap)) throw error;
	}
	const hex = (value: number) => (value >>> 0).toString(16);
	const word = words[operands / 4]!;
	const after = [cpu.r[EAX]!, cpu.r[EBX]!, cpu.r[ECX]!, cpu.r[EDX]!, word, cpu.flags].map(hex).join(' ');
	return {...vector, after: valuesOf(after)};
}

/** Only the flags of the mask are an answer. */
function masked(vector: Vector): Vector {
	const after = vector.after as Values | undefined;
	if (!after) return vector;
	// Anything but a number stays, so that the comparison fails.
	if (!/^[0-9a-f]+$/.test(after.eflags)) return vector;
	const eflags = (fromHex(after.eflags) & fromHex(String(vector.mask))).toString(16);
	return {...vector, after: {...after, eflags}};
}

export const processor = vectorTopic({
	name: 'processor',
	accepts: document => document.file === file,
	isAnswer: path => path.startsWith('after'),
	relate: masked,
	nameOf: (vector, index) => `${index} ${String(vector.name)}`,
	prepare: () => {
		const bare = bareProcessor();
		return vector => answer(bare, vector);
	},
});
