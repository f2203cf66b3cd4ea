import {physicalAddress} from '../../source/hardware/address.ts';
import {type FirmwareRange, powerOn} from '../../source/hardware/machine.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {emptyFiles} from '../../source/kernel/fs/file.ts';
import {type Kernel, type KernelConfig, start_kernel} from '../../source/kernel/kernel.ts';
import {mm_alloc} from '../../source/kernel/mm/mm.ts';
import {createTask, type TaskBody, wake_up_new_task} from '../../source/kernel/new_task.ts';
import type {task_struct} from '../../source/kernel/sched.ts';
import type {Sleeps} from '../../source/kernel/time.ts';

export type TestKernelOptions = {
	readonly memMiB?: number;
	readonly highmemMiB?: number;
	readonly era?: EraName;
	readonly pae?: boolean;
	readonly cpus?: number;
	readonly seed?: number;
	readonly swiotlb?: KernelConfig['swiotlb'];
	readonly debug?: Partial<KernelConfig['debug']>;
	readonly build?: KernelConfig['build'];
	readonly firmwareMap?: readonly FirmwareRange[];
	readonly iommuPages?: number;
	readonly coherentCaches?: boolean;
};

/** What a PC's BIOS reports: base memory, the hole of the ISA bus, the rest. */
const pcFirmwareMap = (memBytes: number): FirmwareRange[] => [
	{start: physicalAddress(0), end: physicalAddress(0x9_fc00), usable: true},
	{start: physicalAddress(0x9_fc00), end: physicalAddress(0x10_0000), usable: false},
	{start: physicalAddress(0x10_0000), end: physicalAddress(memBytes), usable: true},
];

/** Boots a kernel on a bare board: no devices, no tasks. Defaults are those of the lab. */
export function bootTestKernel(options: TestKernelOptions = {}): Kernel {
	const memBytes = (options.memMiB ?? 128) * 2 ** 20;
	const highmemMiB = options.highmemMiB ?? (options.memMiB === undefined ? 64 : undefined);
	const hw = powerOn({
		memBytes,
		cpus: options.cpus ?? 2,
		seed: options.seed ?? 1,
		paging: options.pae ? 'pae' : 'two-level',
		firmwareMap: options.firmwareMap ?? pcFirmwareMap(memBytes),
		...(options.iommuPages === undefined ? {} : {iommuPages: options.iommuPages}),
		...(options.coherentCaches === undefined ? {} : {coherentCaches: options.coherentCaches}),
	});
	return start_kernel(hw, {
		era: options.era ?? 'ldd3',
		swiotlb: options.swiotlb ?? 'off',
		debug: {highmem: false, dmaApi: true, slab: true, ...options.debug},
		...(highmemMiB === undefined ? {} : {highmemBytes: highmemMiB * 2 ** 20}),
		...(options.build === undefined ? {} : {build: options.build}),
	});
}

/** Starts a kernel thread; step the timeline to let it run. */
export function spawn(k: Kernel, body: TaskBody, comm = 'test'): task_struct {
	const task = createTask(k, {comm, mm: null, parent: null, files: emptyFiles()});
	wake_up_new_task(k, task, body);
	return task;
}

/** Steps the machine until `done` holds. @throws when nothing more will happen before that, or too much happens */
export function stepUntil(k: Kernel, done: () => boolean, mostEvents = Number.POSITIVE_INFINITY): void {
	for (let events = 0; !done(); events++) {
		if (events >= mostEvents) throw new Error(`the work was not done after ${mostEvents} events`);
		if (!k.hw.timeline.step(Number.MAX_SAFE_INTEGER))
			throw new Error('the machine came to rest before the work was done');
	}
}

/** Runs a body as a kernel thread to its end. @returns what it returned; throws what it threw */
export function run<T>(k: Kernel, body: () => Sleeps<T>, comm = 'test'): T {
	const outcome: {value?: T; error?: unknown; done: boolean} = {done: false};
	spawn(
		k,
		function* () {
			try {
				outcome.value = yield* body();
			} catch (error) {
				outcome.error = error;
			} finally {
				outcome.done = true;
			}
		},
		comm,
	);
	stepUntil(k, () => outcome.done);
	if ('error' in outcome) throw outcome.error;
	return outcome.value as T;
}

export const dmesg = (k: Kernel) => k.log.lines.map(line => line.text);

/** A task with an address space of its own that does not run yet. */
export function newProcess(k: Kernel, comm = 'test'): task_struct {
	const mm = mm_alloc(k);
	if (!mm) throw new Error('no memory for an address space');
	return createTask(k, {comm, mm, parent: null, files: emptyFiles()});
}

/** Runs a body as a process with an address space of its own, until it has exited. @returns what it returned */
export function runProcess<T>(k: Kernel, body: (k: Kernel) => Sleeps<T>, task = newProcess(k)): T {
	let result: {readonly value: T} | undefined;
	wake_up_new_task(k, task, function* () {
		result = {value: yield* body(k)};
	});
	stepUntil(k, () => !k.sched.tasks.has(task.pid));
	if (!result) throw new Error(`${task.comm} was killed (${task.exit_code})`);
	return result.value;
}
