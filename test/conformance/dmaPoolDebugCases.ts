/** The deliberate mistakes of truth/debug with dma_pool, call by call as their C sources have them. */
import {type BusAddress, busAddress, type KernelVirtualAddress, kernelAddress} from '../../source/hardware/address.ts';
import {local_irq_restore, local_irq_save} from '../../source/kernel/cpu.ts';
import {
	type dma_pool,
	dma_pool_alloc,
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
} from '../../source/kernel/dma/dmapool.ts';
import {dma_sync_single_for_cpu} from '../../source/kernel/dma/mapping.ts';
import {spin_lock, spin_lock_init, spin_unlock} from '../../source/kernel/locking.ts';
import {kmemset, kread32, kwrite8, kwrite32} from '../../source/kernel/mm/access.ts';
import {__GFP_ZERO, GFP_ATOMIC, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import type {Case, Driver} from './dmaDebugCases.ts';

/** The calls of the sources under their short names. */
const calls = ({k, D}: Driver) => ({
	mk: (name: string, size: number, align: number, boundary: number) =>
		dma_pool_create(k, name, D, size, align, boundary) as dma_pool,
	*al(pool: dma_pool, gfp = GFP_KERNEL): Sleeps<PoolBlock> {
		const block = yield* dma_pool_alloc(k, pool, gfp);
		if (!block) throw new Error('the pool is out of memory');
		return block;
	},
	fr: (pool: dma_pool, vaddr: KernelVirtualAddress | number, dma: BusAddress | number) =>
		dma_pool_free(k, pool, kernelAddress(vaddr), busAddress(dma)),
	de: (pool: dma_pool | null) => dma_pool_destroy(k, pool),
});

const withPool = (
	use: (pool: dma_pool, driver: Driver, c: ReturnType<typeof calls>) => Sleeps<void>,
	[name, size, align]: readonly [string, number, number] = ['t', 64, 64],
): Case =>
	function* (driver) {
		const c = calls(driver);
		const pool = c.mk(name, size, align, 0);
		yield* use(pool, driver, c);
		c.de(pool);
	};

const small = ['t', 32, 32] as const;

export const dmaPoolDebugCases: Readonly<Record<string, Case>> = {
	pool_ok: withPool(function* (p, _driver, {al, fr}) {
		const [x, y] = [yield* al(p), yield* al(p)];
		fr(p, x.vaddr, x.dma);
		fr(p, y.vaddr, y.dma);
	}),
	pool_poison_bytes: withPool(function* (p, {k}, {al, fr}) {
		const [x, y] = [yield* al(p), yield* al(p, GFP_KERNEL | __GFP_ZERO)];
		kmemset(k, x.vaddr, 0x11, 32);
		fr(p, x.vaddr, x.dma);
		fr(p, y.vaddr, y.dma);
		const again = yield* al(p);
		fr(p, again.vaddr, again.dma);
	}, small),
	pool_double_free: withPool(function* (p, _driver, {al, fr}) {
		const [x, y] = [yield* al(p), yield* al(p)];
		fr(p, x.vaddr, x.dma);
		fr(p, x.vaddr, x.dma);
		fr(p, y.vaddr, y.dma);
	}),
	pool_double_free_not_last: withPool(function* (p, _driver, {al, fr}) {
		const [x, y] = [yield* al(p), yield* al(p)];
		fr(p, x.vaddr, x.dma);
		fr(p, y.vaddr, y.dma);
		fr(p, x.vaddr, x.dma);
	}),
	pool_free_bad_dma: withPool(function* (p, _driver, {al, fr}) {
		const x = yield* al(p);
		fr(p, x.vaddr, 0x1234_5000);
		fr(p, x.vaddr, x.dma);
	}),
	pool_free_empty_pool: withPool(function* (p, _driver, {fr}) {
		fr(p, 0xc123_4000, 0x0123_4000);
	}),
	pool_free_bad_vaddr: withPool(function* (p, _driver, {al, fr}) {
		const x = yield* al(p);
		fr(p, x.vaddr + 64, x.dma);
		fr(p, x.vaddr, x.dma + 64);
		fr(p, x.vaddr, x.dma);
	}),
	pool_free_null_vaddr: withPool(function* (p, _driver, {al, fr}) {
		const x = yield* al(p);
		fr(p, 0, x.dma);
		fr(p, x.vaddr, x.dma);
	}),
	pool_free_never_allocated_block: withPool(function* (p, _driver, {al, fr}) {
		const x = yield* al(p);
		fr(p, x.vaddr + 5 * 64, x.dma + 5 * 64);
		fr(p, x.vaddr, x.dma);
	}),
	pool_free_middle_of_block: withPool(function* (p, _driver, {al, fr}) {
		const x = yield* al(p);
		fr(p, x.vaddr + 16, x.dma + 16);
		const y = yield* al(p);
		fr(p, y.vaddr, y.dma);
	}),
	*pool_free_into_other_pool(driver) {
		const {mk, al, fr, de} = calls(driver);
		const [p, q] = [mk('one', 64, 64, 0), mk('two', 64, 64, 0)];
		const [x, y] = [yield* al(p), yield* al(q)];
		fr(q, x.vaddr, x.dma);
		fr(p, x.vaddr, x.dma);
		fr(q, y.vaddr, y.dma);
		de(p);
		de(q);
	},
	pool_destroy_busy: withPool(
		function* (p, _driver, {al}) {
			yield* al(p);
		},
		['busypool', 64, 64],
	),
	pool_destroy_two_pages_one_busy: withPool(
		function* (p, _driver, {al, fr}) {
			const blocks = [yield* al(p), yield* al(p), yield* al(p)];
			for (const i of [0, 2]) fr(p, blocks[i]!.vaddr, blocks[i]!.dma);
		},
		['big', 2048, 2048],
	),
	*pool_destroy_null(driver) {
		calls(driver).de(null);
	},
	pool_write_after_free: withPool(function* (p, {k}, {al, fr}) {
		const x = yield* al(p);
		fr(p, x.vaddr, x.dma);
		kmemset(k, kernelAddress(x.vaddr + 8), 0x55, 4);
		const y = yield* al(p);
		fr(p, y.vaddr, y.dma);
	}, small),
	pool_overrun_next_free: withPool(function* (p, {k}, {al, fr}) {
		const x = yield* al(p);
		kwrite8(k, kernelAddress(x.vaddr + 36), 0xee);
		const y = yield* al(p);
		fr(p, y.vaddr, y.dma);
		fr(p, x.vaddr, x.dma);
	}, small),
	pool_overrun_first4: withPool(function* (p, {k}, {al, fr}) {
		const x = yield* al(p);
		kread32(k, kernelAddress(x.vaddr + 32));
		kwrite32(k, kernelAddress(x.vaddr + 32), 256);
		const y = yield* al(p);
		const z = yield* al(p);
		fr(p, z.vaddr, z.dma);
		fr(p, y.vaddr, y.dma);
		fr(p, x.vaddr, x.dma);
	}, small),
	pool_overrun_last4: withPool(function* (p, {k}, {al, fr}) {
		const [x, y] = [yield* al(p), yield* al(p)];
		kmemset(k, x.vaddr, 0x77, 40);
		fr(p, x.vaddr, x.dma);
		fr(p, y.vaddr, y.dma);
	}, small),
	pool_alloc_kernel_in_atomic: withPool(function* (p, {k}, {al, fr}) {
		const l = spin_lock_init('l');
		yield* spin_lock(k, l);
		const x = yield* al(p);
		spin_unlock(k, l);
		fr(p, x.vaddr, x.dma);
	}),
	pool_alloc_atomic_in_atomic: withPool(function* (p, {k}, {al, fr}) {
		const l = spin_lock_init('l');
		yield* spin_lock(k, l);
		const x = yield* al(p, GFP_ATOMIC);
		spin_unlock(k, l);
		fr(p, x.vaddr, x.dma);
	}),
	*pool_create_in_atomic(driver) {
		const {mk, de} = calls(driver);
		const l = spin_lock_init('l');
		yield* spin_lock(driver.k, l);
		const pool = mk('atom', 64, 64, 0);
		spin_unlock(driver.k, l);
		de(pool);
	},
	*pool_destroy_in_atomic(driver) {
		const {mk, de} = calls(driver);
		const pool = mk('t', 64, 64, 0);
		const l = spin_lock_init('l');
		yield* spin_lock(driver.k, l);
		de(pool);
		spin_unlock(driver.k, l);
	},
	pool_free_irqs_off: withPool(function* (p, {k}, {al, fr}) {
		const x = yield* al(p);
		const flags = local_irq_save(k);
		fr(p, x.vaddr, x.dma);
		local_irq_restore(k, flags);
	}),
	*pool_create_bad_args(driver) {
		const {mk} = calls(driver);
		mk('size0', 0, 4, 0);
		mk('align3', 64, 3, 0);
		mk('boundary32', 64, 64, 32);
		mk('boundary96', 64, 64, 96);
	},
	pool_unmap_block: withPool(function* (p, {us}, {al, fr}) {
		const x = yield* al(p);
		us(x.dma + 64, 64, 0);
		fr(p, x.vaddr, x.dma);
	}),
	pool_sync_block: withPool(function* (p, {k, D}, {al, fr}) {
		const x = yield* al(p);
		dma_sync_single_for_cpu(k, D, busAddress(x.dma + 64), 64, 2);
		fr(p, x.vaddr, x.dma);
	}),
	*pool_two_pools_same_name(driver) {
		const {mk, al, fr, de} = calls(driver);
		const [p, q] = [mk('same', 64, 64, 0), mk('same', 128, 64, 0)];
		const x = yield* al(p);
		fr(p, x.vaddr, x.dma);
		de(q);
		de(p);
	},
};
