/**
 * The deliberate mistakes of truth/debug atomic.json, call by call as their C sources have them: sleeping where that is
 * forbidden, misuse of kmap() and its relatives, pages and memory freed twice.
 */
import {kernelAddress, PAGE_SIZE, type Pfn, physicalAddress} from '../../source/hardware/address.ts';
import {local_irq_restore, local_irq_save, preempt_disable} from '../../source/kernel/cpu.ts';
import {dma_alloc_coherent, dma_free_coherent} from '../../source/kernel/dma/coherent.ts';
import {dma_pool_create} from '../../source/kernel/dma/dmapool.ts';
import {request_irq, tasklet_schedule} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {
	mutex_init,
	mutex_lock,
	mutex_unlock,
	spin_lock,
	spin_lock_init,
	spin_unlock,
} from '../../source/kernel/locking.ts';
import {kread32, kwrite, kwrite32} from '../../source/kernel/mm/access.ts';
import {GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {kmap, kunmap} from '../../source/kernel/mm/highmem.ts';
import {ioremap, iounmap} from '../../source/kernel/mm/ioremap.ts';
import {kmap_atomic, kmap_local_page, kunmap_atomic, kunmap_local} from '../../source/kernel/mm/kmap_atomic.ts';
import {PAGE_OFFSET, virt_to_page} from '../../source/kernel/mm/page.ts';
import {alloc_pages, put_page, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {kfree, kmalloc, try_kmalloc} from '../../source/kernel/mm/slab.ts';
import {vfree, vmalloc} from '../../source/kernel/mm/vmalloc.ts';
import {printk} from '../../source/kernel/printk.ts';
import {might_sleep, preempt_enable, schedule} from '../../source/kernel/sched.ts';
import type {Sleeps, Spends} from '../../source/kernel/time.ts';
import {msleep, schedule_timeout} from '../../source/kernel/timer.ts';
import {freshDevice} from './dmaDevice.ts';

type AtomicCase = (k: Kernel) => Sleeps<void>;

const eduBar0 = physicalAddress(0xfe90_0000);
const eduIrq = 10;
const hex = (value: number) => `0x${value.toString(16)}`;

/** A page of high memory. */
function hp(k: Kernel): Pfn {
	const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
	if (page < k.layout.highstart_pfn) throw new Error('the test machine is out of high memory');
	return page;
}
const lowPage = virt_to_page(kernelAddress(PAGE_OFFSET) as never);
const say = (k: Kernel, text: string) => printk(k, 6, `mis: ${text}`);

/** L() of the recording driver: an action under a spinlock. */
const underLock = (action: AtomicCase): AtomicCase =>
	function* (k) {
		const lock = spin_lock_init('l');
		yield* spin_lock(k, lock);
		yield* action(k);
		spin_unlock(k, lock);
	};

const withIrqsOff = (action: AtomicCase): AtomicCase =>
	function* (k) {
		const flags = local_irq_save(k);
		yield* action(k);
		local_irq_restore(k, flags);
	};

const inKmapAtomic = (action: AtomicCase): AtomicCase =>
	function* (k) {
		const v = kmap_atomic(k, hp(k));
		yield* action(k);
		kunmap_atomic(k, v);
	};

const inKmapLocal = (action: AtomicCase): AtomicCase =>
	function* (k) {
		const v = kmap_local_page(k, hp(k));
		kwrite32(k, v, 0x1234);
		yield* action(k);
		if (kread32(k, v) !== 0x1234) throw new Error('the mapping was lost');
		kunmap_local(k, v);
	};

/** The device raises its interrupt and the handler does it, with interrupts off unless it turns them on itself. */
const inInterrupt = (action: AtomicCase): AtomicCase =>
	function* (k) {
		let done = false;
		request_irq(
			k,
			eduIrq,
			function* (kernel) {
				yield* action(kernel) as Spends<void>;
				done = true;
			},
			'mis',
			{disabled: true},
		);
		k.hw.interrupts.raise(eduIrq);
		while (!done) yield 1000;
	};

const inTasklet = (action: AtomicCase): AtomicCase =>
	function* (k) {
		let done = false;
		tasklet_schedule(k, function* () {
			yield* action(k) as Spends<void>;
			done = true;
		});
		while (!done) yield* msleep(k, 1);
	};

/** A kernel timer: a softirq too, that the recording found with preemption disabled once more. */
const inTimer = (action: AtomicCase): AtomicCase =>
	inTasklet(function* (k) {
		preempt_disable(k);
		yield* action(k);
		preempt_enable(k);
	});

const doKmap: AtomicCase = function* (k) {
	const page = hp(k);
	yield* kmap(k, page);
	kunmap(k, page);
};
const onlyKmap: AtomicCase = function* (k) {
	yield* kmap(k, hp(k));
};
const doKmapAtomic: AtomicCase = function* (k) {
	kunmap_atomic(k, kmap_atomic(k, hp(k)));
};
const doKmapLocal: AtomicCase = function* (k) {
	kunmap_local(k, kmap_local_page(k, hp(k)));
};
const doKmalloc: AtomicCase = function* (k) {
	kfree(k, yield* kmalloc(k, 64, GFP_KERNEL));
};
const doCoherent: AtomicCase = function* (k) {
	const dev = freshDevice(k, '0000:00:05.0', 'misdrv');
	const memory = yield* dma_alloc_coherent(k, dev, PAGE_SIZE, GFP_ATOMIC);
	dma_free_coherent(k, dev, PAGE_SIZE, memory!.cpu_addr, memory!.dma_handle);
};
const sleep: AtomicCase = k => msleep(k, 10);
const doSchedule: AtomicCase = k => schedule(k);
const doMutex: AtomicCase = function* (k) {
	const lock = mutex_init('mtx');
	yield* mutex_lock(k, lock);
	mutex_unlock(k, lock);
};

/** Maps deeper and deeper, saying where each mapping came to lie. */
const tooDeep = (map: (k: Kernel, page: Pfn) => number): AtomicCase =>
	function* (k) {
		const page = hp(k);
		for (let i = 0; i < 20; i++) say(k, `depth ${i} -> ${hex(map(k, page))}`);
	};

export const atomicCases: Readonly<Record<string, AtomicCase>> = {
	spin_msleep: underLock(sleep),
	spin_schedule: underLock(doSchedule),
	spin_schedule_timeout: underLock(function* (k) {
		k.cpu.current.state = 'TASK_UNINTERRUPTIBLE';
		yield* schedule_timeout(k, 8_000_000);
	}),
	*spin_cond_resched(k) {
		yield* underLock(function* () {
			might_sleep(k, 'c_atomic.c:6');
		})(k);
	},
	*spin_might_sleep(k) {
		yield* underLock(function* () {
			might_sleep(k, 'c_atomic.c:6');
		})(k);
	},
	spin_mutex_lock: underLock(doMutex),
	spin_kmalloc_kernel: underLock(doKmalloc),
	spin_kmalloc_atomic: underLock(function* (k) {
		kfree(k, try_kmalloc(k, 100, GFP_ATOMIC));
	}),
	spin_alloc_page_kernel: underLock(function* (k) {
		put_page(k, (yield* alloc_pages(k, GFP_KERNEL, 0))!);
	}),
	spin_vmalloc: underLock(function* (k) {
		vfree(k, (yield* vmalloc(k, PAGE_SIZE, 'mis'))!);
	}),
	*spin_vfree(k) {
		const v = yield* vmalloc(k, PAGE_SIZE, 'mis');
		yield* underLock(function* () {
			vfree(k, v!);
		})(k);
	},
	spin_ioremap: underLock(function* (k) {
		iounmap(k, ioremap(k, eduBar0, PAGE_SIZE, 'mis')!);
	}),
	spin_kmap: underLock(onlyKmap),
	spin_kmap_lowmem: underLock(function* (k) {
		yield* kmap(k, lowPage);
	}),
	spin_kmap_atomic_ok: underLock(doKmapAtomic),
	irqoff_kmalloc_kernel: withIrqsOff(doKmalloc),
	irqoff_kmap: withIrqsOff(onlyKmap),
	irqoff_msleep: withIrqsOff(sleep),
	*preemptoff_msleep(k) {
		preempt_disable(k);
		yield* msleep(k, 10);
		preempt_enable(k);
	},
	kmap_atomic_msleep: inKmapAtomic(sleep),
	kmap_atomic_schedule: inKmapAtomic(doSchedule),
	kmap_atomic_kmalloc_kernel: inKmapAtomic(doKmalloc),
	kmap_atomic_kmap: inKmapAtomic(function* (k) {
		yield* kmap(k, lowPage);
	}),
	kmap_atomic_mutex: inKmapAtomic(doMutex),
	kmap_local_msleep: inKmapLocal(sleep),
	kmap_local_schedule: inKmapLocal(doSchedule),
	kmap_local_kmalloc_kernel: inKmapLocal(doKmalloc),
	*kmap_msleep_ok(k) {
		const page = hp(k);
		yield* kmap(k, page);
		yield* msleep(k, 10);
		kunmap(k, page);
	},
	*kmap_local_out_of_order(k) {
		const [a, b] = [kmap_local_page(k, hp(k)), kmap_local_page(k, hp(k))];
		kunmap_local(k, a);
		kunmap_local(k, b);
	},
	*kmap_atomic_out_of_order(k) {
		const [a, b] = [kmap_atomic(k, hp(k)), kmap_atomic(k, hp(k))];
		kunmap_atomic(k, a);
		kunmap_atomic(k, b);
	},
	*kmap_local_unmap_lowmem_address(k) {
		kunmap_local(k, kernelAddress(0xc000_0000));
	},
	*kmap_local_unmap_user_address(k) {
		kunmap_local(k, kernelAddress(0x0804_8000));
	},
	*kmap_local_lowmem_forced(k) {
		const v = kmap_local_page(k, lowPage);
		if (v < k.layout.FIXADDR_START) throw new Error('low memory took no slot');
		kunmap_local(k, v);
	},
	*kmap_local_addresses(k) {
		const maps = Array.from({length: 15}, () => kmap_local_page(k, hp(k)));
		for (const v of maps.reverse()) kunmap_local(k, v);
	},
	*virt_to_page_of_kmap(k) {
		const page = hp(k);
		const address = yield* kmap(k, page);
		if (virt_to_page(address as never) === page) throw new Error('the arithmetic led to the right page');
		kunmap(k, page);
	},
	*access_after_kunmap_survives(k) {
		const page = hp(k);
		const address = yield* kmap(k, page);
		kwrite32(k, address, 7);
		kunmap(k, page);
		if (kread32(k, address) !== 7) throw new Error('the mapping is gone');
	},
	irq_kmap: inInterrupt(onlyKmap),
	*irq_kunmap(k) {
		const page = hp(k);
		yield* kmap(k, page);
		yield* inInterrupt(function* () {
			kunmap(k, page);
		})(k);
	},
	irq_kmap_atomic_ok: inInterrupt(doKmapAtomic),
	irq_kmalloc_kernel: inInterrupt(doKmalloc),
	irq_kmap_local_ok: inInterrupt(doKmapLocal),
	irq_kmap_local_irqs_on: inInterrupt(function* (k) {
		local_irq_restore(k, false);
		yield* doKmapLocal(k);
		local_irq_save(k);
	}),
	*irq_vfree(k) {
		const v = yield* vmalloc(k, PAGE_SIZE, 'mis');
		yield* inInterrupt(function* () {
			vfree(k, v!);
		})(k);
	},
	irq_dma_alloc_coherent_atomic_then_free: inInterrupt(doCoherent),
	irq_dma_pool_create: inInterrupt(function* (k) {
		dma_pool_create(k, 'mis', freshDevice(k, '0000:00:05.0', 'misdrv'), 64, 0, 0);
	}),
	timer_kmap: inTimer(doKmap),
	timer_kmap_atomic_ok: inTimer(doKmapAtomic),
	timer_kmalloc_kernel: inTimer(doKmalloc),
	timer_dma_alloc_coherent_atomic_then_free: inTimer(doCoherent),
	tasklet_kmap: inTasklet(doKmap),
	tasklet_kmap_atomic_ok: inTasklet(doKmapAtomic),
	*fatal_access_after_kunmap_atomic(k) {
		const v = kmap_atomic(k, hp(k));
		kunmap_atomic(k, v);
		say(k, `reading ${hex(v)} after kunmap_atomic`);
		kread32(k, v);
	},
	*fatal_access_after_kunmap_local(k) {
		const v = kmap_local_page(k, hp(k));
		kunmap_local(k, v);
		say(k, `reading ${hex(v)} after kunmap_local`);
		kread32(k, v);
	},
	*fatal_iounmap_bad(k) {
		iounmap(k, kernelAddress(0xf700_1000));
	},
	*fatal_kfree_twice(k) {
		const v = yield* kmalloc(k, 64, GFP_KERNEL);
		say(k, `v=${v!.toString(16)}`);
		kfree(k, v);
		kfree(k, v);
	},
	*fatal_write_after_kfree(k) {
		const v = (yield* kmalloc(k, 64, GFP_KERNEL))!;
		say(k, `v=${v.toString(16)}`);
		kfree(k, v);
		kwrite(k, kernelAddress(v + 10), new Uint8Array([1]));
		for (let i = 0; i < 40; i++) try_kmalloc(k, 64, GFP_KERNEL);
	},
	fatal_kmap_atomic_too_deep: tooDeep((k, page) => kmap_atomic(k, page)),
	fatal_kmap_local_too_deep: tooDeep((k, page) => kmap_local_page(k, page)),
	*fatal_kunmap_atomic_twice(k) {
		const v = kmap_atomic(k, hp(k));
		kunmap_atomic(k, v);
		kunmap_atomic(k, v);
	},
	*fatal_kunmap_local_twice(k) {
		const v = kmap_local_page(k, hp(k));
		say(k, `v=${hex(v)}`);
		kunmap_local(k, v);
		kunmap_local(k, v);
	},
	*fatal_kunmap_not_mapped(k) {
		kunmap(k, hp(k));
	},
	*fatal_kunmap_twice(k) {
		const page = hp(k);
		yield* kmap(k, page);
		kunmap(k, page);
		kunmap(k, page);
	},
	*fatal_overrun_kmap_atomic(k) {
		const v = kmap_atomic(k, hp(k));
		say(k, `writing ${hex(v)} + 4096`);
		kwrite(k, kernelAddress(v + PAGE_SIZE), new Uint8Array([1]));
	},
	*fatal_underrun_kmap_atomic(k) {
		const v = kmap_atomic(k, hp(k));
		say(k, `writing ${hex(v)} - 1`);
		kwrite(k, kernelAddress(v - 1), new Uint8Array([1]));
	},
	*fatal_preempt_enable(k) {
		preempt_enable(k);
	},
	*fatal_vfree_bad(k) {
		vfree(k, kernelAddress(0xf700_0123));
	},
	*fatal_vfree_twice(k) {
		const v = yield* vmalloc(k, PAGE_SIZE, 'mis');
		vfree(k, v!);
		vfree(k, v!);
	},
	*fatal_irq_vmalloc(k) {
		yield* inInterrupt(function* () {
			yield* vmalloc(k, PAGE_SIZE, 'mis');
		})(k);
	},
};
