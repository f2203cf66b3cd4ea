/** What C sees of a request: struct kiocb, whose fields differ much from kernel to kernel. */
import {is_sync_kiocb, type kiocb} from '../fs/kiocb.ts';
import {setKiocbPrivate} from '../fs/kiocb_memory.ts';
import type {Kernel} from '../kernel.ts';
import {callC} from './callC.ts';
import {modulesOf} from './state.ts';
import {fileWindow} from './structureWindows.ts';
import type {Window} from './windows.ts';

/** The gate that `ki_complete` of an asynchronous request points to. */
export const KI_COMPLETE = 'aio_complete_rw';

const KIF_CANCELLED = 1 << 3;

export const kiocbAddress = (k: Kernel, iocb: kiocb): number => modulesOf(k).windows.addressOf(kiocbWindow, iocb);

/** A driver's own method to give a request up. */
function setCancel(iocb: kiocb, entry: number): void {
	iocb.ki_cancel = entry === 0 ? undefined : (k, cancelled) => callC(k, entry, [kiocbAddress(k, cancelled), 0]);
}

const entries = new WeakMap<kiocb, number>();

export function setKiocbCancel(iocb: kiocb, entry: number): void {
	entries.set(iocb, entry);
	setCancel(iocb, entry);
}

export const kiocbWindow: Window<kiocb> = {
	name: 'kiocb',
	fields: {
		ki_filp: {get: (k, {ki_filp}) => modulesOf(k).windows.addressOf(fileWindow, ki_filp)},
		ki_pos: {
			get: (_k, iocb) => iocb.ki_pos,
			set(_k, iocb, value) {
				iocb.ki_pos = value;
			},
		},
		ki_complete: {get: (k, iocb) => (is_sync_kiocb(iocb) ? 0 : (modulesOf(k).symbols.get(KI_COMPLETE) ?? 0))},
		private: {get: (_k, iocb) => (typeof iocb.private === 'number' ? iocb.private : 0), set: setKiocbPrivate},
		ki_flags: {
			get: (k, iocb) => (k.era.aioRetries && iocb.state === 'cancelled' ? KIF_CANCELLED : 0),
			set: () => undefined,
		},
		ki_key: {get: (_k, iocb) => iocb.ki_key},
		ki_users: {get: (_k, iocb) => iocb.ki_users},
		ki_cancel: {
			get: (_k, iocb) => (iocb.ki_cancel ? (entries.get(iocb) ?? 0) : 0),
			set: (_k, iocb, value) => setKiocbCancel(iocb, value),
		},
		ki_opcode: {get: (_k, iocb) => iocb.ki_opcode},
		ki_user_data: {
			get: (_k, iocb) => (BigInt(iocb.ki_user_data_high >>> 0) << 32n) | BigInt(iocb.ki_user_data >>> 0),
		},
		ki_nbytes: {get: (_k, iocb) => iocb.ki_nbytes},
		ki_left: {
			get: (_k, iocb) => iocb.ki_left,
			set(_k, iocb, value) {
				iocb.ki_left = value;
			},
		},
		ki_buf: {get: (_k, iocb) => iocb.ki_iovec[0]?.iov_base ?? 0},
		ki_nr_segs: {get: (_k, iocb) => iocb.ki_iovec.length},
		ki_cur_seg: {get: () => 0},
	},
};
