/**
 * truth/i386 vma_ops and vma_ops_linux5.10: sequences of VMA operations in a window of 1 MiB, with the VMA list after
 * each.
 */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {sys_madvise} from '../../source/kernel/mm/madvise.ts';
import {
	MADV_DOFORK,
	MADV_DONTFORK,
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_PRIVATE,
	MAP_SHARED,
	MREMAP_FIXED,
	MREMAP_MAYMOVE,
} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';
import {mapsLines, okOrErrno, openUnlinked} from './userProgram.ts';

type Step = {
	readonly op: string;
	readonly addr: number;
	readonly len: number;
	readonly kind?: string;
	readonly prot?: number;
	readonly file_pgoff?: number;
	readonly advice?: string;
	readonly new_len?: number;
	readonly new_addr?: number;
};

const window = 0x6000_0000;
const windowEnd = 0x6010_0000;

const kinds: Readonly<Record<string, number>> = {
	'private-anon': MAP_PRIVATE | MAP_ANONYMOUS,
	'shared-anon': MAP_SHARED | MAP_ANONYMOUS,
	'private-file': MAP_PRIVATE,
	'shared-file': MAP_SHARED,
};

function* perform(k: Kernel, step: Step, fd: number): Sleeps<number> {
	const at = (page: number) => window + page * PAGE_SIZE;
	const [address, length] = [at(step.addr), step.len * PAGE_SIZE];
	switch (step.op) {
		case 'mmap_fixed': {
			const flags = kinds[step.kind!]! | MAP_FIXED;
			return yield* sys_mmap2(k, address, length, step.prot!, flags, fd, step.file_pgoff!);
		}
		case 'munmap':
			return yield* sys_munmap(k, address, length);
		case 'mprotect':
			return yield* sys_mprotect(k, address, length, step.prot!);
		case 'madvise_dontfork':
			return yield* sys_madvise(k, address, length, step.advice === 'MADV_DONTFORK' ? MADV_DONTFORK : MADV_DOFORK);
		case 'mremap_inplace':
			return yield* sys_mremap(k, address, length, step.new_len! * PAGE_SIZE, 0, 0);
		case 'mremap_fixed': {
			const flags = MREMAP_MAYMOVE | MREMAP_FIXED;
			return yield* sys_mremap(k, address, length, step.new_len! * PAGE_SIZE, flags, at(step.new_addr!));
		}
		default:
			throw new Error(`a step asks for "${step.op}", which is not an operation that is known here`);
	}
}

function* answer(k: Kernel, steps: readonly Step[]): Sleeps<unknown[]> {
	const {fd} = openUnlinked(k, '/tmp/vf', 64 * PAGE_SIZE);
	const answered: unknown[] = [];
	for (const step of steps) {
		const ret = okOrErrno(yield* perform(k, step, fd));
		answered.push({...step, ret, maps: mapsLines(k, window, windowEnd)});
	}
	return answered;
}

/** Device and inode of a line depend on what else the machine did; which lines share them does not. */
export function relateInodes(lines: unknown, names: Map<string, string>): unknown {
	if (!Array.isArray(lines)) return lines;
	return lines.map((line: unknown) =>
		String(line).replace(
			/^(\S+ \S+ \S+) ([0-9a-f]+:[0-9a-f]+ [1-9]\d*) +(.*)$/,
			(_, head: string, inode: string, path: string) => {
				const key = `${inode} ${path}`;
				if (!names.has(key)) names.set(key, `object${names.size}`);
				return `${head} ${names.get(key)} ${path}`;
			},
		),
	);
}

function relate(vector: Vector): Vector {
	const names = new Map<string, string>();
	const steps = vector.steps as readonly {readonly maps?: unknown}[];
	return {...vector, steps: steps.map(step => (step.maps ? {...step, maps: relateInodes(step.maps, names)} : step))};
}

export const vmaOps = vectorTopic({
	name: 'vma_ops',
	accepts: document => String(document.file).startsWith('vma_ops'),
	isAnswer: path => /^steps\.\d+\.(ret|maps)/.test(path),
	relate,
	nameOf: vector => `sequence ${vector.seq}`,
	prepare() {
		const machines = new Map<string, Kernel>();
		return vector => {
			const run = String(vector.run);
			const k = machines.get(run) ?? runMachine(run);
			machines.set(run, k);
			k.trace.on = false;
			return {...vector, steps: runProcess(k, () => answer(k, vector.steps as Step[]))};
		};
	},
});
