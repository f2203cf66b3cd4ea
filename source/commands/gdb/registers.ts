import {floatingDigits} from './description.ts';
import {hexOfWord} from './packet.ts';

/** Registers before those of floating point, in gdb's order, by the names that `lab/gdb` takes. */
export const registerNames = 'eax ecx edx ebx esp ebp esi edi eip eflags cs ss ds es fs gs'.split(' ');

const eipIndex = registerNames.indexOf('eip');
/** Behind them: eight of 80 bits, and eight of 32 that control them. */
const [firstOfControl, endOfRegisters] = [registerNames.length + 8, 32];

/** An idle task has no registers. But gdb attaches to nothing without a program counter: that is 0. */
function hexOfRegister(values: readonly number[], index: number): string {
	if (values.length > 0) return hexOfWord(values[index] ?? 0);

	return index === eipIndex ? hexOfWord(0) : 'xxxxxxxx';
}

/** @param values of a thread; empty for an idle task */
export function allRegisters(values: readonly number[]): string {
	return `${registerNames.map((_, index) => hexOfRegister(values, index)).join('')}${'x'.repeat(floatingDigits)}`;
}

/** One of them by gdb's number. */
export function registerOf(values: readonly number[], number: number): string {
	if (number < registerNames.length) return hexOfRegister(values, number);

	return number < endOfRegisters ? 'x'.repeat(number < firstOfControl ? 20 : 8) : 'E01';
}
