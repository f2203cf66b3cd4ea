import {changes} from './behaviour.ts';

/** Scheduler, interrupts, messages. */
export const coreBehaviours = {
	/** Version that /proc/version prints. */
	release: changes<string>('docs/sources.md; the kernels of fixtures/captures', {
		ldd3: '2.6.11',
		'2.6.32': '2.6.32.69',
		'3.2': '3.2.7',
		'5.10': '5.10.223',
		'6.1': '6.1.176',
		'6.18': '6.18.44',
	}),
	/** Which kernel's format a record of the tree is printed in. */
	dialect: changes<'2.6.11' | '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18'>('docs/architecture.md, Eras', {
		ldd3: '2.6.11',
		'2.6.32': '2.6.32',
		'3.2': '3.2',
		'5.10': '5.10',
		'6.1': '6.1',
		'6.18': '6.18',
	}),
	idleTaskName: changes<(cpu: number) => string>('kernel/sched/core.c init_idle(), 3.3', {
		ldd3: () => 'swapper',
		'5.10': cpu => `swapper/${cpu}`,
	}),
	HZ: changes<number>('include/asm-i386/param.h, kernel/Kconfig.hz', {ldd3: 1000, '2.6.32': 250}),
	irqHandlersRunDisabled: changes<boolean>('kernel/irq/handle.c, 2.6.35: IRQF_DISABLED became the rule', {
		ldd3: false,
		'3.2': true,
	}),
	schedulingWhileAtomicLine: changes<(comm: string, pid: number, count: string) => string>(
		'kernel/sched.c: __schedule_bug; 2.6.11 writes "scheduling while atomic: comm/0x…/pid"',
		{
			ldd3: (comm, pid, count) => `scheduling while atomic: ${comm}/0x${count}/${pid}`,
			'2.6.32': (comm, pid, count) => `BUG: scheduling while atomic: ${comm}/${pid}/0x${count}`,
		},
	),
	/** Why a machine panics whose task has overrun its kernel stack: who found it out, or what is there then. */
	stackEndReason: changes<(task: string) => string>(
		'kernel/sched/core.c schedule_debug(): CONFIG_SCHED_STACK_END_CHECK, 3.18; before, thread_info was there',
		{
			ldd3: task => `the kernel stack of ${task} is overrun, and its thread_info is destroyed`,
			'5.10': () => 'corrupted stack end detected inside scheduler',
		},
	),
	scheduleBugTaints: changes<boolean>('kernel/sched/core.c __schedule_bug(): add_taint(TAINT_WARN), 3.12', {
		ldd3: false,
		'5.10': true,
	}),
	/** A task that ends may not hold the CPU either. */
	endOfTaskIsChecked: changes<boolean>('kernel/sched.c schedule_debug(): not of dead tasks, until 4.9', {
		ldd3: false,
		'5.10': true,
	}),
	scheduleCountsItself: changes<boolean>(
		'kernel/sched.c schedule() disables preemption before it looks, 2.6.2x; fixtures/vectors/debug',
		{
			ldd3: false,
			'2.6.32': true,
		},
	),
	preemptCountUnderflowAt: changes<string>('kernel/sched.c sub_preempt_count(); fixtures/vectors/debug atomic.json', {
		ldd3: 'kernel/sched.c',
		'5.10': 'kernel/sched/core.c preempt_count_sub',
		'6.1': 'kernel/sched/core.c:5738 preempt_count_sub',
	}),
	schedulingResetsPreemptCount: changes<boolean>(
		'kernel/sched/core.c schedule_debug, 4.3; seen in fixtures/vectors/debug',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	sleepInAtomicLines: changes<
		(where: string, inAtomic: number, irqsOff: number, pid: number, comm: string, count: number) => readonly string[]
	>('kernel/sched.c __might_sleep', {
		ldd3: (where, inAtomic, irqsOff) => [
			`Debug: sleeping function called from invalid context at ${where}`,
			`in_atomic():${inAtomic}, irqs_disabled():${irqsOff}`,
		],
		'2.6.32': (where, inAtomic, irqsOff, pid, comm) => [
			`BUG: sleeping function called from invalid context at ${where}`,
			`in_atomic(): ${inAtomic}, irqs_disabled(): ${irqsOff}, pid: ${pid}, name: ${comm}`,
		],
		'5.10': (where, inAtomic, irqsOff, pid, comm) => [
			`BUG: sleeping function called from invalid context at ${where}`,
			`in_atomic(): ${inAtomic}, irqs_disabled(): ${irqsOff}, non_block: 0, pid: ${pid}, name: ${comm}`,
		],
		'6.1': (where, inAtomic, irqsOff, pid, comm, count) => [
			`BUG: sleeping function called from invalid context at ${where}`,
			`in_atomic(): ${inAtomic}, irqs_disabled(): ${irqsOff}, non_block: 0, pid: ${pid}, name: ${comm}`,
			`preempt_count: ${count.toString(16)}, expected: 0`,
			'RCU nest depth: 0, expected: 0',
		],
	}),
} as const;
