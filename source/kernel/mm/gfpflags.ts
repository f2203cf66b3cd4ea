/** Models include/trace/events/mmflags.h: allocation flags as tracepoints print them. */
import {
	__GFP_COMP,
	__GFP_DMA,
	__GFP_DMA32,
	__GFP_FS,
	__GFP_HARDWALL,
	__GFP_HIGH,
	__GFP_HIGHMEM,
	__GFP_IO,
	__GFP_MOVABLE,
	__GFP_NOFAIL,
	__GFP_NORETRY,
	__GFP_NOWARN,
	__GFP_REPEAT,
	__GFP_WAIT,
	__GFP_ZERO,
	GFP_ATOMIC,
	GFP_DMA,
	GFP_HIGHUSER,
	GFP_HIGHUSER_MOVABLE,
	GFP_KERNEL,
	GFP_NOFS,
	GFP_NOIO,
	GFP_USER,
	type gfp_t,
} from './gfp.ts';

/** Whole sets first: what they cover is not named again. */
const NAMES: readonly (readonly [mask: number, name: string])[] = [
	[GFP_HIGHUSER_MOVABLE, 'GFP_HIGHUSER_MOVABLE'],
	[GFP_HIGHUSER, 'GFP_HIGHUSER'],
	[GFP_USER, 'GFP_USER'],
	[GFP_KERNEL, 'GFP_KERNEL'],
	[GFP_NOFS, 'GFP_NOFS'],
	[GFP_ATOMIC, 'GFP_ATOMIC'],
	[GFP_NOIO, 'GFP_NOIO'],
	[GFP_DMA, 'GFP_DMA'],
	[__GFP_DMA, '__GFP_DMA'],
	[__GFP_HIGHMEM, '__GFP_HIGHMEM'],
	[__GFP_DMA32, 'GFP_DMA32'],
	[__GFP_HIGH, '__GFP_HIGH'],
	[__GFP_WAIT, '__GFP_WAIT'],
	[__GFP_IO, '__GFP_IO'],
	[__GFP_FS, '__GFP_FS'],
	[__GFP_NOWARN, '__GFP_NOWARN'],
	[__GFP_REPEAT, '__GFP_REPEAT'],
	[__GFP_NOFAIL, '__GFP_NOFAIL'],
	[__GFP_NORETRY, '__GFP_NORETRY'],
	[__GFP_COMP, '__GFP_COMP'],
	[__GFP_ZERO, '__GFP_ZERO'],
	[__GFP_HARDWALL, '__GFP_HARDWALL'],
	[__GFP_MOVABLE, '__GFP_MOVABLE'],
];

/** `GFP_KERNEL|__GFP_ZERO`; `none` for no flags; what has no name in hex. */
export function showGfpFlags(gfp: gfp_t): string {
	if (gfp === 0) return 'none';
	const parts: string[] = [];
	let left = gfp;
	for (const [mask, name] of NAMES) {
		if ((left & mask) !== mask) continue;
		parts.push(name);
		left &= ~mask;
	}
	if (left !== 0) parts.push(`0x${left.toString(16)}`);
	return parts.join('|');
}
