import {hex8} from '../hex.ts';
import {changes} from './behaviour.ts';

/** 8k instead of 8192. */
const kibi = (size: number) => (size >= 1024 ? `${size / 1024}k` : `${size}`);

/** Caches of equal objects, kmalloc(). */
export const slabBehaviours = {
	slabAllocator: changes<'SLAB' | 'SLUB'>('init/Kconfig default, 2.6.23; distributions followed', {
		ldd3: 'SLAB',
		'3.2': 'SLUB',
	}),
	kmallocCachesUpTo: changes<number>('linux/kmalloc_sizes.h; linux/slub_def.h SLUB_MAX_SIZE', {
		ldd3: 131_072,
		'2.6.32': 4_194_304,
		'3.2': 8192,
	}),
	kmallocLeastBytes: changes<number>('kmalloc_sizes.h; SLUB KMALLOC_MIN_SIZE', {ldd3: 32, '3.2': 8}),

	kmallocBeyondCaches: changes<boolean>('slub kmalloc_large(); SLAB of 2.6 gives nothing', {ldd3: false, '3.2': true}),
	kmallocOfNothing: changes<'the smallest object' | 'ZERO_SIZE_PTR'>('linux/slab.h, 2.6.22', {
		ldd3: 'the smallest object',
		'2.6.32': 'ZERO_SIZE_PTR',
	}),
	/**
	 * In which order kmalloc's caches are made, which slabinfo shows backwards. The caches for DMA come behind the
	 * others.
	 */
	kmallocCacheOrder: changes<'size by size' | 'by index' | 'by size, DMA by index' | 'by size'>(
		'mm/slab.c and slub.c kmem_cache_init; mm/slab_common.c create_kmalloc_caches; fixtures/captures',
		{
			ldd3: 'size by size',
			'3.2': 'by index',
			'5.10': 'by size, DMA by index',
			'6.1': 'by size',
		},
	),
	kmallocNames: changes<(size: number) => readonly [name: string, dmaName: string]>(
		'mm/slab.c; mm/slub.c; mm/slab_common.c',
		{
			ldd3: size => [`size-${size}`, `size-${size}(DMA)`],
			'3.2': size => [`kmalloc-${size}`, `dma-kmalloc-${size}`],
			'5.10': size => [`kmalloc-${kibi(size)}`, `dma-kmalloc-${kibi(size)}`],
		},
	),
	slabBufctlBytes: changes<number>('asm-i386 kmem_bufctl_t: short, then int', {ldd3: 2, '2.6.32': 4}),
	slabHeadBytes: changes<number>('mm/slab.c sizeof(struct slab)', {ldd3: 24, '2.6.32': 28}),
	cacheBusyLine: changes<(name: string) => string>('mm/slab.c, mm/slub.c kmem_cache_destroy()', {
		ldd3: name => `slab error in kmem_cache_destroy(): cache \`${name}': Can't free all objects`,
		'3.2': name => `SLUB ${name}: kmem_cache_destroy called for cache that still has objects.`,
		'5.10': name => `kmem_cache_destroy ${name}: Slab cache still has objects`,
	}),
	doubleFreeLines: changes<(name: string, address: number) => readonly string[]>(
		'mm/slab.c; mm/slub.c; fixtures/vectors/debug atomic.json',
		{
			ldd3: name => [
				`slab error in cache_free_debugcheck(): cache \`${name}': double free, or memory outside object ` +
					`was overwritten`,
			],
			'3.2': (name, address) => [
				`BUG ${name} (Not tainted): Object already free`,
				`FIX ${name}: Object at 0x${hex8(address)} not freed`,
			],
		},
	),
	poisonOverwrittenLines: changes<
		(name: string, address: number, size: number, from: number, to: number) => readonly string[]
	>('mm/slab.c check_poison_obj(); mm/slub.c check_bytes_and_report(); fixtures/vectors/debug atomic.json', {
		ldd3: (_name, address, size) => [`Slab corruption: start=${hex8(address)}, len=${size}`],
		'2.6.32': (name, address, size) => [`Slab corruption: ${name} start=${hex8(address)}, len=${size}`],
		'3.2': (name, _address, _size, from, to) => [
			`BUG ${name} (Not tainted): Poison overwritten`,
			`FIX ${name}: Restoring 0x${hex8(from)}-0x${hex8(to)}=0x6b`,
			`FIX ${name}: Marking all objects used`,
		],
		'5.10': (name, _address, _size, from, to) => [
			`BUG ${name} (Not tainted): Poison overwritten`,
			`FIX ${name}: Restoring Poison 0x${hex8(from)}-0x${hex8(to)}=0x6b`,
			`FIX ${name}: Marking all objects used`,
		],
	}),
} as const;
