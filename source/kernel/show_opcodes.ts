/** Models show_opcodes() (arch/x86/kernel/dumpstack.c, 4.20): the code around an instruction that went wrong. */
import type {Kernel} from './kernel.ts';

/** Bytes before the instruction that are shown, and all of them. */
const PROLOGUE_BYTES = 42;
const OPCODE_BYTES = 64;

/** `Code: 89 c8 <f7> 3d …`. @param read bytes of code, or undefined where there are none */
export function codeLine(k: Kernel, ip: number, read: (at: number, count: number) => Uint8Array | undefined): string {
	const start = (ip - PROLOGUE_BYTES) >>> 0;
	const bytes = read(start, OPCODE_BYTES);
	if (!bytes) return `Code: ${k.era.noOpcodeBytes(start)}`;
	const pairs = Array.from(bytes, (byte, i) => {
		const text = byte.toString(16).padStart(2, '0');
		return i === PROLOGUE_BYTES ? `<${text}>` : text;
	});
	return `Code: ${pairs.join(' ')}`;
}
