/** linux/interrupt.h: handlers of interrupts. */

import {WARN} from '../../bug.ts';
import {EINVAL} from '../../errno.ts';
import {disable_irq_nosync, enable_irq, free_irq, request_irq, synchronize_irq} from '../../irq.ts';
import {printk} from '../../printk.ts';
import {callCAtomic} from '../callC.ts';
import {textAtAddress} from '../format.ts';
import type {Gate, GateCall} from '../state.ts';

function request({k, arg}: GateCall): number {
	const [line, handler, flags, name, dev_id] = [arg(0), arg(1), arg(2), textAtAddress(k, arg(3)), arg(4)];
	const {shared: sharedBit, disabled: disabledBit} = k.era.irqFlagBits;
	const shared = (flags & sharedBit) !== 0;
	if (handler === 0 || (shared && dev_id === 0)) return -EINVAL;
	// The third argument is that of 2.6.11; a handler of later kernels does not look at it.
	return request_irq(k, line, (k, irq) => callCAtomic(k, handler, [irq, dev_id, 0]), name, {
		shared,
		disabled: (flags & disabledBit) !== 0,
		dev_id,
	});
}

/** Waits for the handler, as Linux does before a driver may free what it uses. */
function* free({k, arg}: GateCall) {
	if (free_irq(k, arg(0), arg(1))) yield* synchronize_irq(k, arg(0));
	else if (k.era.freeFreeIrqWarns) WARN(k, 'kernel/irq/manage.c', k.era.freeFreeIrqLine(arg(0)));
	else printk(k, 3, k.era.freeFreeIrqLine(arg(0)));
}

export const interruptExports: readonly Gate[] = [
	{name: 'request_irq', run: request},
	{name: 'free_irq', run: free},
	{name: 'disable_irq_nosync', run: ({k, arg}) => disable_irq_nosync(k, arg(0))},
	{
		name: 'disable_irq',
		*run({k, arg}) {
			disable_irq_nosync(k, arg(0));
			yield* synchronize_irq(k, arg(0));
		},
	},
	{
		name: 'enable_irq',
		run({k, arg}) {
			if (!enable_irq(k, arg(0))) printk(k, 4, `Unbalanced enable for IRQ ${arg(0)}`);
		},
	},
	{name: 'synchronize_irq', run: ({k, arg}) => synchronize_irq(k, arg(0))},
	{name: 'can_request_irq', run: ({k, arg}) => (k.irq.actions.has(arg(0)) ? 0 : 1)},
];
