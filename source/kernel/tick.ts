/**
 * Models timer_interrupt() of arch/i386/kernel/time.c and what it calls of kernel/timer.c: do_timer() and
 * update_process_times() (2.6.11; kernel/time/tick-common.c from 2.6.21 on).
 *
 * Not modelled: its context of an interrupt, CPUs without ticks (CONFIG_NO_HZ).
 */
import {COST} from '../hardware/costs.ts';
import type {Cpu} from './cpu.ts';
import {account_tick, calc_load} from './cputime.ts';
import {softirqWanted} from './irq.ts';
import type {Kernel} from './kernel.ts';
import {interruptCpu, scheduler_tick} from './sched.ts';
import {run_local_timers} from './timer.ts';

/** The periodic timer of one CPU (HZ times a second): a plain function, its cost is added to the span under way. */
function timerTick(k: Kernel, cpu: Cpu): void {
	cpu.timerTicks++;
	account_tick(k, cpu);
	if (cpu.id === 0) {
		calc_load(k, cpu.timerTicks);
		for (const look of k.timers.onTick) look();
	}
	if (cpu.stack.length > 0) cpu.chargedNs += COST.timerTickNs;
	scheduler_tick(k, cpu);
	if (k.timers.pending.size > 0 || cpu.softirqWaits) runTimers(k, cpu);
}

/** Timers whose time has come run now, unless the CPU is where no softirq may come in. */
function runTimers(k: Kernel, cpu: Cpu): void {
	const formerCpu = k.cpu;
	k.cpu = cpu;
	run_local_timers(k);
	cpu.softirqWaits = false;
	const isWanted = softirqWanted(cpu) && !cpu.dispatching;
	k.cpu = formerCpu;
	if (isWanted) interruptCpu(k, cpu);
}

/** Starts the timers; each CPU's ticks are offset so that they do not fall on one instant. */
export function startTimers(k: Kernel): void {
	const periodNs = Math.round(1e9 / k.era.HZ);
	for (const cpu of k.sched.cpus) {
		const tick = () => {
			timerTick(k, cpu);
			k.hw.timeline.after(periodNs, tick);
		};
		k.hw.timeline.after(periodNs + Math.floor((periodNs * cpu.id) / k.sched.cpus.length), tick);
	}
}
