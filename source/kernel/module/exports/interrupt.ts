/** linux/interrupt.h: handlers of interrupts. */

import {WARN} from '../../bug.ts';
import {EINVAL} from '../../errno.ts';
import {
	disable_irq_nosync,
	enable_irq,
	free_irq,
	IRQ_HANDLED,
	type irq_handler,
	request_irq,
	synchronize_irq,
} from '../../irq.ts';
import type {Kernel} from '../../kernel.ts';
import {printk} from '../../printk.ts';
import type {Sleeps, Spends} from '../../time.ts';
import {msleep} from '../../timer.ts';
import {
	create_workqueue,
	destroy_workqueue,
	flush_workqueue,
	queue_work,
	type workqueue_struct,
} from '../../workqueue.ts';
import {callC, callCAtomic} from '../callC.ts';
import {besides, type Gate, type GateCall, modulesOf} from '../state.ts';
import {textAtAddress} from '../text.ts';

const IRQF_ONESHOT = 0x2000;

function request({k, arg}: GateCall): number {
	const [line, handler, flags, name, dev_id] = [arg(0), arg(1), arg(2), textAtAddress(k, arg(3)), arg(4)];
	const {shared: sharedBit, disabled: disabledBit} = k.era.irqFlagBits;
	const shared = (flags & sharedBit) !== 0;
	if (handler === 0 || (shared && dev_id === 0)) return -EINVAL;
	// The third argument is that of 2.6.11; a handler of later kernels does not look at it.
	const act: irq_handler = (kernel, irq) => callCAtomic(kernel, handler, [irq, dev_id, 0]);
	modulesOf(k).addresses.set(act, handler);
	return request_irq(k, line, act, name, {
		shared,
		disabled: (flags & disabledBit) !== 0,
		dev_id,
	});
}

const IRQ_WAKE_THREAD = 2;

/** Threads of handlers, each with its queue, by line and device. */
const threadsOf = (k: Kernel) => besides<workqueue_struct>(k, 'thread of a handler');
const handlerKey = (line: number, dev_id: number) => (line + 1) * 2 ** 32 + dev_id;

/** A handler that leaves the rest to a thread of its own, which may sleep; the line is held back until it is done. */
function requestThreaded({k, arg}: GateCall): number {
	const [line, handler, thread, flags, name, dev_id] = [
		arg(0),
		arg(1),
		arg(2),
		arg(3),
		textAtAddress(k, arg(4)),
		arg(5),
	];
	const {shared: sharedBit} = k.era.irqFlagBits;
	const shared = (flags & sharedBit) !== 0;
	const isOneshot = (flags & IRQF_ONESHOT) !== 0;
	if ((handler === 0 && thread === 0) || (shared && dev_id === 0)) return -EINVAL;
	// The line could be raised again before the thread has quieted the device.
	if (handler === 0 && !isOneshot) return -EINVAL;
	let queue: workqueue_struct | undefined;
	const act = function* (kernel: Kernel, irq: number): Spends<number> {
		const result = handler === 0 ? IRQ_WAKE_THREAD : yield* callCAtomic(kernel, handler, [irq, dev_id, 0]);
		if (result !== IRQ_WAKE_THREAD || !queue) return result;
		if (isOneshot) disable_irq_nosync(kernel, irq);
		queue_work(kernel, queue, function* () {
			yield* callC(kernel, thread, [irq, dev_id, 0]);
			if (isOneshot) enable_irq(kernel, irq);
		});
		return IRQ_HANDLED;
	};
	modulesOf(k).addresses.set(act, handler || thread);
	const error = request_irq(k, line, act, name, {shared, disabled: false, dev_id});
	if (error === 0 && thread !== 0) {
		queue = create_workqueue(k, `irq/${line}-${name}`);
		threadsOf(k).set(handlerKey(line, dev_id), queue);
	}
	return error;
}

/** Waits for the handler, as Linux does before a driver may free what it uses. */
function* free({k, arg}: GateCall) {
	if (free_irq(k, arg(0), arg(1))) {
		yield* synchronize_irq(k, arg(0));
		const queue = threadsOf(k).get(handlerKey(arg(0), arg(1)));
		if (!queue) return;
		threadsOf(k).delete(handlerKey(arg(0), arg(1)));
		yield* flush_workqueue(k, queue);
		destroy_workqueue(k, queue);
	} else if (k.era.freeFreeIrqWarns) WARN(k, 'kernel/irq/manage.c', k.era.freeFreeIrqLine(arg(0)));
	else printk(k, 3, k.era.freeFreeIrqLine(arg(0)));
}

/** Lines that a mask of 32 bits can say. @see kernel/irq/autoprobe.c */
const PROBED_LINES = 32;
/** Interrupts that come just so are over by then. */
const PROBE_SETTLES_MS = 20;

/** Begins to look for the line of a device. Sleeps. @returns a bit for each line without a handler */
function* probe_irq_on(k: Kernel): Sleeps<number> {
	yield* msleep(k, PROBE_SETTLES_MS);
	k.irq.strays = new Set();
	let free = 0;
	for (let line = 1; line < Math.min(PROBED_LINES, k.hw.interrupts.lines); line++)
		if (!k.irq.actions.has(line)) free |= 1 << line;
	return free;
}

/** @returns the line that came since, negative where there were several, 0 for none */
function probe_irq_off(k: Kernel, mask: number): number {
	const seen = [...(k.irq.strays ?? [])].filter(line => (mask & (1 << line)) !== 0).sort((a, b) => a - b);
	k.irq.strays = undefined;
	const [first = 0] = seen;
	return seen.length > 1 ? -first : first;
}

export const interruptExports: readonly Gate[] = [
	{name: 'request_irq', run: request},
	{name: 'request_threaded_irq', run: requestThreaded},
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
	{name: 'probe_irq_on', run: ({k}) => probe_irq_on(k)},
	{name: 'probe_irq_off', run: ({k, arg}) => probe_irq_off(k, arg(0))},
	{name: 'can_request_irq', run: ({k, arg}) => (k.irq.actions.has(arg(0)) ? 0 : 1)},
];
