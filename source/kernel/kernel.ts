/**
 * The kernel as one record of its parts, and the order in which they come up. A list of what there is, nothing else.
 */
import type {Processor} from '../hardware/cpu/processor.ts';
import type {Hardware} from '../hardware/machine.ts';
import type {KernelBuild} from './build.ts';
import type {Cpu} from './cpu.ts';
import type {Debugger} from './debug/debugger.ts';
import {type DmaState, dma_init} from './dma/state.ts';
import {type NetState, net_init} from './drivers/netif.ts';
import {type PciState, pci_init} from './drivers/pci-driver.ts';
import type {EraName} from './era/behaviour.ts';
import {type Era, eraNamed} from './era.ts';
import {do_exit} from './exit.ts';
import {type AioState, aio_init} from './fs/aio.ts';
import {type BlockState, blk_init} from './fs/block.ts';
import {type VfsState, vfs_init} from './fs/vfs.ts';
import {run_hrtimer_softirq} from './hrtimer.ts';
import {type ResourceState, resources_init} from './ioport.ts';
import {HRTIMER_SOFTIRQ, type IrqState, irq_init, open_softirq, TIMER_SOFTIRQ} from './irq.ts';
import {type FilemapState, filemap_init} from './mm/filemap.ts';
import {type HighmemState, kmap_init} from './mm/highmem.ts';
import {type MemoryLayout, setup_memory} from './mm/layout.ts';
import {type MmState, mm_init} from './mm/mm.ts';
import type {address_space, anon_vma} from './mm/mm_types.ts';
import type {MemMap} from './mm/page.ts';
import {free_area_init, type PageAllocState} from './mm/page_alloc.ts';
import {kmem_cache_init, type SlabState} from './mm/slab.ts';
import {sysenter_setup, type VdsoState} from './mm/vdso.ts';
import {type vm_event_state, vm_events_init} from './mm/vm_events.ts';
import {type VmallocState, vmalloc_init} from './mm/vmalloc.ts';
import {type VmscanState, vmscan_init} from './mm/vmscan.ts';
import type {ModuleState} from './module/state.ts';
import {fork_idle} from './new_task.ts';
import {type PrintkState, printk, printk_init} from './printk.ts';
import {type SchedState, sched_init} from './sched.ts';
import {run_timer_softirq, type TimerState, timer_init} from './timer.ts';
import {type TraceState, trace_init} from './trace.ts';
import type {Watcher} from './watch.ts';
import {type WorkState, workqueue_init} from './workqueue.ts';

/** What is decided when the kernel is built and booted. */
export type KernelConfig = {
	readonly era: EraName;
	/** The `highmem=` option: exactly this much high memory. Without it the era's lowmem boundary decides. */
	readonly highmemBytes?: number;
	/** How the kernel was configured and linked, where that is not what its era's distributions did. */
	readonly build?: KernelBuild;
	/** `on`: buffers that a device cannot reach bounce. `force`: all do. */
	readonly swiotlb: 'off' | 'on' | 'force';
	/** CONFIG_ options of the debugging kind. */
	readonly debug: {
		readonly highmem: boolean;
		readonly dmaApi: boolean;
		readonly slab: boolean;
		/** CONFIG_DEBUG_PREEMPT; without a word it is there. */
		readonly preempt?: boolean;
	};
};

/** The options of a kernel built for a lab. */
export const LAB_CONFIG: KernelConfig = {
	era: 'ldd3',
	swiotlb: 'off',
	debug: {highmem: false, dmaApi: true, slab: true},
};

export type Kernel = {
	readonly hw: Hardware;
	readonly era: Era;
	readonly config: KernelConfig;
	/** The CPU that code runs on right now; `k.cpu.current` is Linux's `current`. */
	cpu: Cpu;
	/** Operations charged since boot: a measure of load. */
	charged: number;
	readonly sched: SchedState;
	irq: IrqState;
	readonly log: PrintkState;
	readonly trace: TraceState;
	readonly timers: TimerState;
	readonly work: WorkState;
	readonly net: NetState;
	/** Ports and physical addresses that drivers have asked for. */
	readonly ioports: ResourceState;
	layout: MemoryLayout;
	mem_map: MemMap;
	pages: PageAllocState;
	slab: SlabState;
	highmem: HighmemState;
	vmalloc: VmallocState;
	mm: MmState;
	vdso: VdsoState;
	/** Every address_space and anon_vma, by the id that mem_map's `mapping` column holds. */
	readonly mappings: Map<number, address_space>;
	readonly anon_vmas: Map<number, anon_vma>;
	filemap: FilemapState;
	vmscan: VmscanState;
	vm_events: vm_event_state;
	vfs: VfsState;
	block: BlockState;
	aio: AioState;
	dma: DmaState;
	readonly pci: PciState;
	/** What runs machine code, made when there is some. */
	processor?: Processor;
	/** Modules and what they use, made for the first one. */
	modules?: ModuleState;
	/** Breakpoints and who asked for them; absent while the machine is not debugged. */
	debugger?: Debugger;
	/** Hears what goes wrong. */
	watcher?: Watcher;
};

/** Builds a kernel on a machine that is switched on. No task runs yet; `lab/boot.ts` starts those. */
export function start_kernel(hw: Hardware, config: KernelConfig): Kernel {
	const k = {
		hw,
		era: eraNamed(config.era),
		config,
		charged: 0,
		sched: {
			cpus: [],
			runQueue: [],
			tasks: new Map(),
			last_pid: 0,
			mostPid: 0,
			contextSwitches: 0,
			forks: 0,
			avenrun: [0, 0, 0],
			do_exit,
		},
		log: printk_init(),
		trace: trace_init(),
		timers: timer_init(),
		work: workqueue_init(),
		net: net_init(),
		pci: pci_init(),
		ioports: resources_init(),
		mappings: new Map(),
		anon_vmas: new Map(),
	} as unknown as Kernel;
	const idles = Array.from({length: hw.config.cpus}, (_, cpu) => fork_idle(k, cpu));
	sched_init(k, idles);
	irq_init(k);
	open_softirq(k, TIMER_SOFTIRQ, run_timer_softirq);
	open_softirq(k, HRTIMER_SOFTIRQ, run_hrtimer_softirq);
	printk(k, 5, `Linux version ${k.era.release} (mmtop@lab)`);
	setup_memory(k);
	free_area_init(k);
	kmem_cache_init(k);
	vmalloc_init(k);
	kmap_init(k);
	vm_events_init(k);
	vmscan_init(k);
	mm_init(k);
	filemap_init(k);
	vfs_init(k);
	blk_init(k);
	aio_init(k);
	dma_init(k);
	sysenter_setup(k);
	return k;
}
