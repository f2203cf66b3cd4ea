/** linux/aio.h: requests that are answered later. */
import {aio_complete, aio_put_req} from '../../fs/aio_complete.ts';
import {kick_iocb} from '../../fs/aio_submit.ts';
import type {kiocb} from '../../fs/kiocb.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {KI_COMPLETE, kiocbWindow, setKiocbCancel} from '../kiocbWindow.ts';
import {type Gate, modulesOf} from '../state.ts';

const kiocbAt = (k: Kernel, address: number): kiocb =>
	modulesOf(k).windows.objectAt(kiocbWindow, address) ?? oops(k, address, false, false);

export const aioExports: readonly Gate[] = [
	{
		name: 'aio_complete',
		run({k, arg}) {
			aio_complete(k, kiocbAt(k, arg(0)), arg(1) | 0, arg(2) | 0);
			return 1;
		},
	},
	// What iocb->ki_complete points to. The second result is gone since 5.16.
	{
		name: KI_COMPLETE,
		run: ({k, arg}) => aio_complete(k, kiocbAt(k, arg(0)), arg(1) | 0, k.era.kiCompleteTakesTwo ? arg(2) | 0 : 0),
	},
	{name: 'kick_iocb', run: ({k, arg}) => kick_iocb(k, kiocbAt(k, arg(0)))},
	{
		name: 'aio_put_req',
		run({k, arg}) {
			const iocb = kiocbAt(k, arg(0));
			if (iocb.ki_ctx) aio_put_req(k, iocb.ki_ctx, iocb);
			return 0;
		},
	},
	{name: 'kiocb_set_cancel_fn', run: ({k, arg}) => setKiocbCancel(kiocbAt(k, arg(0)), arg(1))},
];
