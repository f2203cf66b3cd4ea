/**
 * Models where control blocks lie (aio_get_req() of fs/aio.c, the slab cache behind it), and what a driver meets there
 * that comes back to a request after its end.
 *
 * A freed object goes to the next request, the one freed last first, as the per-CPU lists of mm/slab.c and mm/slub.c do
 * it. So a driver that keeps its pointer finds poison while the memory is free (CONFIG_DEBUG_SLAB), and afterwards
 * another request.
 *
 * Not modelled: one list a CPU (there is one for all); the bytes of fields that nobody touches too late; ctx_lock,
 * which stays taken when a task dies in aio_complete().
 */
import {physicalAddress} from '../../hardware/address.ts';
import {BUG} from '../bug.ts';
import {WARN_ONCE} from '../dma/report.ts';
import type {Kernel} from '../kernel.ts';
import {oops} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {__pa} from '../mm/page.ts';
import {kmem_cache_alloc} from '../mm/slab.ts';
import {POISON_FREE, poisonObject, verifyPoison} from '../mm/slab_debug.ts';
import type {Sleeps} from '../time.ts';
import type {KiocbMemory, kiocb} from './kiocb.ts';

/** Bytes of a control block: 108 to 120 by version, in whole cache lines. */
export const KIOCB_BYTES = 128;

/** Where ki_refcnt lies in struct aio_kiocb, 5.1 and later. */
const KI_REFCNT_OFFSET = 100;

/** Memory for one more control block; may sleep. @returns undefined when there is none: -EAGAIN */
export function* newKiocbMemory(k: Kernel): Sleeps<KiocbMemory | undefined> {
	const address = yield* kmem_cache_alloc(k, k.aio.kiocb_cachep, GFP_KERNEL);
	return address === undefined ? undefined : {address, holder: undefined, touched: false};
}

/** A request gets memory that may have been another's. What was written to it meanwhile is seen now or never. */
export function takeKiocbMemory(k: Kernel, memory: KiocbMemory, iocb: kiocb): void {
	memory.holder = iocb;
	if (!memory.touched) return;
	memory.touched = false;
	verifyPoison(k, k.aio.kiocb_cachep, memory.address);
}

/** A store to free memory. With debugging it is filled with poison, which the store spoils. */
function storeToFree(k: Kernel, memory: KiocbMemory, offset: number, word: number): void {
	if (!k.config.debug.slab) return;
	if (!memory.touched) poisonObject(k, k.aio.kiocb_cachep, memory.address);
	memory.touched = true;
	k.hw.ram.write32(physicalAddress(__pa(memory.address) + offset), word);
}

/**
 * A driver sets `iocb->private`, through a pointer that may be too old: then the store hits free memory, or the request
 * that has it now. Nothing tells at once.
 * @param word what it is set to, 32 bits
 */
export function setKiocbPrivate(k: Kernel, iocb: kiocb, word: number): void {
	const {memory} = iocb;
	if (memory && !memory.holder) storeToFree(k, memory, k.era.kiocbPrivateOffset, word);
	else (memory?.holder ?? iocb).private = word;
}

/** A driver completes a request whose memory is free. @param postAgain puts its event into the ring once more */
export function completeFree(k: Kernel, postAgain: () => void): void {
	// ki_ctx and ki_complete() are poison, and used as addresses.
	if (k.config.debug.slab) oops(k, k.era.freedKiocbFault.address, k.era.freedKiocbFault.write, false);
	if (!k.era.aioCountsWithRefcount) {
		postAgain();
		BUG(k, 'fs/aio.c');
	}
	underflow(k);
}

/** The submitter lets go of a request that was completed once for the driver and once for it. */
export function putFree(k: Kernel, memory: KiocbMemory): void {
	if (!k.era.aioCountsWithRefcount) {
		if (k.config.debug.slab) oops(k, k.era.freedKiocbFault.address, k.era.freedKiocbFault.write, false);
		BUG(k, 'fs/aio.c');
	}
	// A poisoned count is a large one: it goes down by one, and only the next user of the memory sees it.
	if (k.config.debug.slab) storeToFree(k, memory, KI_REFCNT_OFFSET, POISON_FREE * 0x0101_0101 - 1);
	else underflow(k);
}

/** Models lib/refcount.c: the count sticks, and nothing is freed again. */
function underflow(k: Kernel): void {
	const place = {file: 'lib/refcount.c', line: 28, function: 'refcount_warn_saturate'};
	WARN_ONCE(k, place, 'refcount_t: underflow; use-after-free.');
}

/**
 * A completion that a synchronous request may not have: a second one, even before its submitter has run again; from 4.1
 * on, any.
 */
export function completeSyncWrongly(k: Kernel): void {
	if (k.era.syncKiocbTwice === 'BUG') BUG(k, 'fs/aio.c');
	// Its ki_complete() is NULL.
	if (k.era.syncKiocbTwice === 'NULL call') oops(k, 0, false, false);
}
