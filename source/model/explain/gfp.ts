/** Flags of an allocation. @see include/linux/gfp.h of 2.6.11 and 6.1, include/trace/events/mmflags.h */

import {glossary} from './explanation.ts';

const gfpWords = glossary({
	GFP_KERNEL: 'for the kernel itself; it may sleep, start I/O and call file systems to free memory',
	GFP_ATOMIC: 'may not sleep, so that interrupt handlers can ask; reaches deeper into the reserve',
	GFP_USER: 'for a user process, from low memory; it may sleep',
	GFP_HIGHUSER: 'for a user process, from high memory if there is some; it may sleep',
	GFP_HIGHUSER_MOVABLE: 'for a user process, from high memory; the kernel can move the page later',
	GFP_NOFS: 'may sleep and start I/O, but calls no file system: one of them asks',
	GFP_NOIO: 'may sleep, but starts no I/O: a block driver asks',
	GFP_NOWAIT: 'may not sleep, and does not reach into the reserve',
	GFP_DMA: 'from zone DMA, the first 16 MiB that ISA devices reach',
	GFP_DMA32: 'from below 4 GiB',
	__GFP_DMA32: 'from below 4 GiB',
	__GFP_DMA: 'from zone DMA, the first 16 MiB that ISA devices reach',
	__GFP_HIGHMEM: 'high memory will do',
	__GFP_HIGH: 'may use the emergency reserve',
	__GFP_WAIT: 'may sleep',
	__GFP_IO: 'may start I/O',
	__GFP_FS: 'may call file systems',
	__GFP_NOWARN: 'says nothing when it fails',
	__GFP_REPEAT: 'tries hard',
	__GFP_NOFAIL: 'never fails: it tries for ever',
	__GFP_NORETRY: 'gives up early',
	__GFP_COMP: 'several pages as one compound page',
	__GFP_ZERO: 'filled with zeros',
	__GFP_HARDWALL: 'from the memory nodes of the process only',
	__GFP_MOVABLE: 'the kernel can move the page later',
	none: 'no flags at all: nothing is allowed beyond taking what is free',
});

/** `GFP_KERNEL|__GFP_ZERO` in sentences. */
export const gfpSays = (flags: string): readonly string[] =>
	flags.split('|').map(name => `${name}: ${gfpWords.get(name) ?? 'mmtop has no words for it'}`);
