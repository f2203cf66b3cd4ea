/** asm/dma.h: channels of the ISA bus, whose two controllers are programmed through ports. */
import {busAddress} from '../../../hardware/address.ts';
import {
	claim_dma_lock,
	clear_dma_ff,
	disable_dma,
	enable_dma,
	free_dma,
	get_dma_residue,
	release_dma_lock,
	request_dma,
	set_dma_addr,
	set_dma_count,
	set_dma_mode,
	set_dma_page,
} from '../../dma/isa.ts';
import type {Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';

export const isaDmaExports: readonly Gate[] = [
	{name: 'request_dma', run: ({k, arg}) => request_dma(k, arg(0), textAtAddress(k, arg(1)))},
	{name: 'free_dma', run: ({k, arg}) => free_dma(k, arg(0))},
	{
		name: 'claim_dma_lock',
		*run({k}) {
			return (yield* claim_dma_lock(k)) ? 1 : 0;
		},
	},
	{name: 'release_dma_lock', run: ({k, arg}) => release_dma_lock(k, arg(0) !== 0)},
	{name: 'enable_dma', run: ({k, arg}) => enable_dma(k, arg(0))},
	{name: 'disable_dma', run: ({k, arg}) => disable_dma(k, arg(0))},
	{name: 'clear_dma_ff', run: ({k, arg}) => clear_dma_ff(k, arg(0))},
	{name: 'set_dma_mode', run: ({k, arg}) => set_dma_mode(k, arg(0), arg(1) & 0xff)},
	{name: 'set_dma_page', run: ({k, arg}) => set_dma_page(k, arg(0), arg(1) & 0xff)},
	{name: 'set_dma_addr', run: ({k, arg}) => set_dma_addr(k, arg(0), busAddress(arg(1)))},
	{name: 'set_dma_count', run: ({k, arg}) => set_dma_count(k, arg(0), arg(1))},
	{name: 'get_dma_residue', run: ({k, arg}) => get_dma_residue(k, arg(0))},
];
