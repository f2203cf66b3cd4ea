/** A line that several handlers share, and one that is disabled for a while. */
import {expect, test} from 'vitest';
import {EBUSY, EINVAL} from '../../source/kernel/errno.ts';
import {
	disable_irq_nosync,
	enable_irq,
	free_irq,
	IRQ_HANDLED,
	IRQ_NONE,
	irqLine,
	request_irq,
} from '../../source/kernel/irq.ts';
import {bareKernel, runDry} from './bare.ts';

function withHandlers(...names: readonly string[]) {
	const k = bareKernel({cpus: 1});
	const seen: string[] = [];
	for (const name of names) {
		const handler = function* () {
			seen.push(name);
			return name === 'second' ? IRQ_HANDLED : IRQ_NONE;
		};
		expect(request_irq(k, 9, handler, name, {shared: true, dev_id: name})).toBe(0);
	}
	const raise = () => {
		k.hw.interrupts.raise(9);
		runDry(k);
	};
	return {k, seen, raise};
}

test('all handlers of a line are asked, in their order, whoever has handled it', () => {
	const {seen, raise, k} = withHandlers('first', 'second', 'third');
	raise();
	expect(seen).toEqual(['first', 'second', 'third']);
	expect(irqLine(k, 9).counts).toEqual([1]);
});

test('a handler is taken off by its dev_id, at any place, and the others stay', () => {
	const {k, seen, raise} = withHandlers('first', 'second', 'third');
	expect(free_irq(k, 9, 'second')).toBe(true);
	raise();
	expect(free_irq(k, 9, 'first')).toBe(true);
	raise();
	expect(seen).toEqual(['first', 'third', 'third']);
	expect(free_irq(k, 9, 'first')).toBe(false);
	expect(free_irq(k, 9, 'third')).toBe(true);
	raise();
	expect(seen).toHaveLength(3);
	expect(irqLine(k, 9).counts, 'the line counts on').toEqual([2]);
});

test('both have to share, and a line has to be there', () => {
	const {k} = withHandlers('first');
	const handler = function* () {};
	expect(request_irq(k, 9, handler, 'alone')).toBe(-EBUSY);
	expect(request_irq(k, 10, handler, 'alone')).toBe(0);
	expect(request_irq(k, 10, handler, 'too', {shared: true, dev_id: 1})).toBe(-EBUSY);
	expect(request_irq(k, k.hw.interrupts.lines, handler, 'none')).toBe(-EINVAL);
	expect(request_irq(k, k.hw.interrupts.lines - 1, handler, 'last')).toBe(0);
});

test('what a disabled line raises comes once when it was enabled as often as disabled', () => {
	const {k, seen, raise} = withHandlers('second');
	disable_irq_nosync(k, 9);
	disable_irq_nosync(k, 9);
	raise();
	raise();
	expect(enable_irq(k, 9)).toBe(true);
	runDry(k);
	expect(seen).toEqual([]);
	expect(enable_irq(k, 9)).toBe(true);
	runDry(k);
	expect(seen).toEqual(['second']);
	expect(enable_irq(k, 9), 'once more is one too many').toBe(false);
});
