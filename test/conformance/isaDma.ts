/** ISA DMA vectors: the registry of channels, the 8237's registers as the kernel programs them, memory for it. */

import {formatDma} from '../../source/formats/proc/dma.ts';
import {busAddress, PAGE_SIZE, type PortAddress} from '../../source/hardware/address.ts';
import {Dma8237} from '../../source/hardware/dma8237.ts';
import {
	clear_dma_ff,
	DMA_AUTOINIT,
	DMA_MODE_CASCADE,
	DMA_MODE_READ,
	DMA_MODE_WRITE,
	disable_dma,
	dmaChannelsInUse,
	enable_dma,
	free_dma,
	get_dma_residue,
	MAX_DMA_CHANNELS,
	PAGE_PORT,
	request_dma,
	set_dma_addr,
	set_dma_count,
	set_dma_mode,
} from '../../source/kernel/dma/isa.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {__GFP_DMA, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {__free_pages, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {questionOf, relateLeaves} from './dmaDevice.ts';
import {physicalHex} from './dmaMachines.ts';
import {oldMachine, runMachine} from './machines.ts';
import {type Document, type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|what|channel|mode|set_addr|set_count|order)$/;
/** A booted kernel's isa_free says what it logged in its description. */
export const isIsaAnswer = (path: string, vector: Vector): boolean =>
	!questionPath.test(path) || (path === 'what' && vector.topic === 'isa_free' && !('log' in vector));
const owner = 'truth';

const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;

/** A machine with its two controllers, and a record of what goes over its ports. */
class IsaBench {
	readonly k: Kernel;
	readonly controller: Dma8237;
	readonly ports: string[] = [];

	constructor(k: Kernel) {
		this.k = k;
		const {bus} = k.hw;
		this.controller = new Dma8237(bus);
		const byte = (value: number) => value.toString(16).padStart(2, '0');
		const [read, write] = [bus.in.bind(bus), bus.out.bind(bus)];
		bus.out = (address: PortAddress, width, value) => {
			this.ports.push(`out ${byte(address)} ${byte(value)}`);
			write(address, width, value);
		};
		bus.in = (address: PortAddress, width) => {
			const value = read(address, width);
			this.ports.push(`in ${byte(address)} ${byte(value)}`);
			return value;
		};
	}

	/** What went over the ports while `action` ran. */
	recorded = (action: () => void): string[] => {
		this.ports.length = 0;
		action();
		return [...this.ports];
	};
}

const modes = {DMA_MODE_READ, DMA_MODE_WRITE, DMA_MODE_CASCADE, DMA_AUTOINIT} as const;
const modeNamed = (name: unknown) =>
	String(name)
		.split('|')
		.reduce((mode, flag) => mode | modes[flag as keyof typeof modes], 0);

function registers({k, controller, recorded}: IsaBench, vector: Vector, old: boolean): Vector {
	const number = Number(vector.channel);
	const mode = modeNamed(vector.mode);
	const ports = recorded(() => {
		disable_dma(k, number);
		clear_dma_ff(k, number);
		set_dma_mode(k, number, mode);
		set_dma_addr(k, number, busAddress(Number(vector.set_addr)));
		set_dma_count(k, number, Number(vector.set_count));
	});
	const channel = controller.channels[number]!;
	let residue = 0;
	clear_dma_ff(k, number);
	const ports_residue = recorded(() => {
		residue = get_dma_residue(k, number);
	});
	clear_dma_ff(k, number);
	const residue_again = get_dma_residue(k, number);
	const ports_enable = recorded(() => {
		enable_dma(k, number);
	});
	disable_dma(k, number);
	return {
		...vector,
		mode_byte: hex(mode | (number & 3), 2),
		addr_reg: hex(channel.address, 4),
		page_reg: hex(channel.page, 2),
		count_reg: hex(channel.count, 4),
		residue,
		residue_again,
		...(old ? {ports, ports_residue, ports_enable} : {}),
	};
}

const procDma = (k: Kernel) =>
	formatDma({channels: dmaChannelsInUse(k).map(({channel, owner}) => ({channel, device: owner}))});

/** Brings the registry into the state that a vector speaks of, asks, and clears it again. */
function registry(k: Kernel, vector: Vector): Vector {
	const what = String(vector.what ?? '');
	const channel = Number(vector.channel);
	const all = () => {
		for (let i = 0; i < MAX_DMA_CHANNELS; i++) request_dma(k, i, owner);
	};
	if (/all free channels held|second request|free_dma of all/.test(what)) all();
	if (/free_dma of all/.test(what)) for (let i = 0; i < MAX_DMA_CHANNELS; i++) if (i !== 4) free_dma(k, i);
	if (/held as 'dad'/.test(what)) request_dma(k, 1, 'dad');
	if (/after free_dma\(4\)/.test(what)) free_dma(k, 4);
	const answer =
		vector.topic === 'isa_proc_dma'
			? {...vector, text: procDma(k)}
			: {...vector, ret: request_dma(k, channel, /NULL/.test(what) ? '(null)' : owner)};
	k.dma.isa.owners.fill(undefined);
	k.dma.isa.owners[4] = 'cascade';
	return answer;
}

/** What free_dma() logs, line by line. */
function logOfFree(k: Kernel, channel: number): string[] {
	const from = k.log.lines.length;
	free_dma(k, channel);
	k.dma.isa.owners[4] = 'cascade';
	return k.log.lines.slice(from).map(({level, text}) => `<${level}>${text}`);
}

/** On booted kernels the recording program made two calls and put what it saw into the description. */
function free(k: Kernel, vector: Vector, old: boolean): Vector {
	if (old) {
		const channels = [...String(vector.what).matchAll(/free_dma\((\d+)\)/g)].map(([, channel]) => Number(channel));
		return {
			...vector,
			log: channels
				.flatMap(channel => logOfFree(k, channel))
				.map(line => `${line}\n`)
				.join(''),
		};
	}
	const calls = [
		[3, 'free_dma(3) when not held'],
		[8, 'free_dma(8)'],
	] as const;
	const said = calls.map(([channel, call]) => `${call} logs '${logOfFree(k, channel).join().replace(/^<\d>/, '')}'`);
	return {...vector, what: [...said, 'see dmesg.txt'].join('; ')};
}

function memory(k: Kernel, vector: Vector): Vector {
	const order = Number(vector.order);
	const page = try_alloc_pages(k, GFP_KERNEL | __GFP_DMA, order);
	if (page === undefined) return {...vector, ok: 0, phys: '0x0', below_16MB: -1, crosses_64K: -1};
	const [start, end] = [page * PAGE_SIZE, (page + (1 << order)) * PAGE_SIZE - 1];
	__free_pages(k, page, order);
	const crosses = Math.floor(start / 0x1_0000) !== Math.floor(end / 0x1_0000);
	const facts = {below_16MB: end < 0x100_0000 ? 1 : 0, crosses_64K: crosses ? 1 : 0};
	return {...vector, ok: 1, phys: physicalHex(start), ...facts};
}

function constants(vector: Vector, old: boolean): Vector {
	const bytes = Object.fromEntries(Object.entries(modes).map(([name, value]) => [name, hex(value, 2)]));
	const ports = PAGE_PORT.map(at => (at === undefined ? null : hex(at, 2)));
	const MAX_DMA_ADDRESS = physicalHex(PAGE_OFFSET + 0x100_0000);
	return {...vector, ...bytes, MAX_DMA_CHANNELS, MAX_DMA_ADDRESS, ...(old ? {} : {page_ports: ports})};
}

function answer(bench: IsaBench, vector: Vector, old: boolean): Vector {
	switch (vector.topic) {
		case 'isa_regs':
			return registers(bench, vector, old);
		case 'isa_free':
			return free(bench.k, vector, old);
		case 'isa_gfp_dma':
			return memory(bench.k, vector);
		case 'isa_const':
			return constants(vector, old);
	}
	return registry(bench.k, vector);
}

export const isaDma = vectorTopic({
	name: 'isa_dma',
	accepts: document => document.file === 'isa_dma.json',
	isAnswer: isIsaAnswer,
	relate: relateLeaves((path, leaf, vector) => {
		// Where the block lies differs; that it is a whole one, aligned to its size, does not.
		if (path !== 'phys') return leaf;
		return vector.ok === 1 ? Number(leaf) % (PAGE_SIZE << Number(vector.order)) : leaf;
	}),
	nameOf: vector =>
		['run', 'topic', 'channel', 'what', 'mode', 'set_addr', 'set_count', 'order']
			.map(field => vector[field] ?? '')
			.join(' '),
	prepare: (document: Document) => {
		const era = document.era;
		const benches = new Map<string, IsaBench>();
		return vector => {
			const run = String(vector.run);
			const old = typeof era === 'string';
			const bench = benches.get(run) ?? new IsaBench(old ? oldMachine(era, 'UP') : runMachine(run));
			benches.set(run, bench);
			return answer(bench, questionOf(vector, questionPath), old);
		};
	},
});
