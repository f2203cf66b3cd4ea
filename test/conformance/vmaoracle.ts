/**
 * Vectors of memory-mapping calls in a window of 64 pages: format "vmaoracle-1" (truth/vma, and vma_* of truth/old).
 */
import {PAGE_SIZE, type Pfn, userAddress} from '../../source/hardware/address.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {fd_install, type file, fput, O_RDONLY, O_RDWR, O_WRONLY} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {shmem_file_setup, shmem_getpage} from '../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {BUS_ADRERR, type FaultVerdict, SEGV_ACCERR, SEGV_MAPERR} from '../../source/kernel/mm/fault.ts';
import {sys_madvise} from '../../source/kernel/mm/madvise.ts';
import {sys_mlock, sys_munlock} from '../../source/kernel/mm/mlock.ts';
import {
	VM_ACCOUNT,
	VM_EXEC,
	VM_LOCKED,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_NORESERVE,
	VM_READ,
	VM_WRITE,
	type vm_area_struct,
} from '../../source/kernel/mm/mm_types.ts';
import {old_mmap, sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {PageAnon} from '../../source/kernel/mm/page.ts';
import {put_page} from '../../source/kernel/mm/page_alloc.ts';
import {truncate_inode} from '../../source/kernel/mm/truncate.ts';
import {user_read8, user_touch, user_write8} from '../../source/kernel/mm/uaccess.ts';
import {eachPresentPage} from '../../source/kernel/mm/zap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../kernel/support.ts';
import {type Document, type Options, type Vector, vectorTopic} from './topic.ts';

type Op = readonly [name: string, ...args: (number | string)[]];
type Outcome = number | string | readonly Outcome[];

const window = 0x2000_0000;
const windowPages = 64;
const windowEnd = window + windowPages * PAGE_SIZE;
const guardPages = 16;
/** Where read(2) and write(2) of the vectors have their byte. */
const buffer = userAddress(0x5000_0000);

const [PROT_RW, privateAnonymousFixed, sharedFixed, mapSharedAnonymous] = [3, 0x32, 0x11, 0x21];

/** Files of a vector: their first bytes, sizes, and what each descriptor name opens. */
const oracleFiles = {
	A: {byte: 0xa0, bytes: 65_536},
	B: {byte: 0xb0, bytes: 65_536},
	C: {byte: 0xc0, bytes: 10_240},
} as const;
type FileName = keyof typeof oracleFiles;
const opens: Readonly<Record<string, {readonly file: FileName; readonly flags: number}>> = {
	A: {file: 'A', flags: O_RDWR},
	A2: {file: 'A', flags: O_RDWR},
	Aro: {file: 'A', flags: O_RDONLY},
	Awo: {file: 'A', flags: O_WRONLY},
	B: {file: 'B', flags: O_RDWR},
	C: {file: 'C', flags: O_RDWR},
};

/** What a vector's process has. */
type Scene = {
	readonly k: Kernel;
	readonly fds: Map<string, number>;
	readonly files: Map<FileName, file>;
	/** Shared anonymous objects in the order of their making. */
	readonly objects: Map<object, number>;
	sharedAnonymous: number;
};

function* makeFile(k: Kernel, name: FileName): Sleeps<file> {
	const {byte, bytes} = oracleFiles[name];
	const made = shmem_file_setup(k, name, bytes);
	for (let page = 0; page * PAGE_SIZE < bytes; page++) {
		const frame = yield* shmem_getpage(k, made.inode, page);
		k.hw.ram.pageForWrite(frame).fill(byte + page, 0, Math.min(PAGE_SIZE, bytes - page * PAGE_SIZE));
		put_page(k, frame);
	}
	return made;
}

function* setUp(k: Kernel): Sleeps<Scene> {
	const scene: Scene = {k, fds: new Map(), files: new Map(), objects: new Map(), sharedAnonymous: 0};
	const {files} = k.cpu.current;
	for (const name of Object.keys(oracleFiles) as FileName[]) scene.files.set(name, yield* makeFile(k, name));
	for (const [fd, {file, flags}] of Object.entries(opens)) {
		const {path, inode} = scene.files.get(file)!;
		scene.fds.set(fd, fd_install(files, get_empty_filp(k, path, inode, flags)));
	}
	const guard = fd_install(files, shmem_file_setup(k, 'G', 2 * guardPages * PAGE_SIZE));
	const guardBytes = guardPages * PAGE_SIZE;
	yield* sys_mmap2(k, window - guardBytes, guardBytes, 0, sharedFixed, guard, 0);
	yield* sys_mmap2(k, windowEnd, guardBytes, 0, sharedFixed, guard, guardPages);
	yield* sys_mmap2(k, buffer, PAGE_SIZE, PROT_RW, privateAnonymousFixed, -1, 0);
	return scene;
}

const signalNames = new Map<FaultVerdict, string>([
	[SEGV_MAPERR, 'SEGV:1'],
	[SEGV_ACCERR, 'SEGV:2'],
	[BUS_ADRERR, 'BUS:2'],
]);

function* load(k: Kernel, address: number): Sleeps<Outcome> {
	const signal = yield* user_touch(k, address, false);
	return signal === 0 ? yield* user_read8(k, userAddress(address)) : (signalNames.get(signal) ?? `signal ${signal}`);
}

function* store(k: Kernel, address: number, byte: number): Sleeps<Outcome> {
	const signal = yield* user_touch(k, address, true);
	if (signal !== 0) return signalNames.get(signal) ?? `signal ${signal}`;
	yield* user_write8(k, userAddress(address), byte);
	return 0;
}

function* forkAndTouch(k: Kernel, address: number, byte: number): Sleeps<Outcome> {
	const seen: Outcome[] = [];
	const child = yield* copy_process(k, {
		*body() {
			seen.push(yield* load(k, address), yield* store(k, address, byte), yield* load(k, address));
		},
	});
	if (typeof child === 'number') return child;
	yield* sys_wait4(k, child.pid);
	return seen;
}

const word = (value: number) => (value < 0 ? value + 0x1_0000_0000 : value);

function* perform(scene: Scene, op: Op): Sleeps<Outcome> {
	const {k} = scene;
	const [name] = op;
	const arg = (index: number) => word(Number(op[index]));
	const descriptor = (index: number) => scene.fds.get(String(op[index])) ?? 99;
	switch (name) {
		case 'mmap': {
			const result = yield* sys_mmap2(k, arg(1), arg(2), arg(3), arg(4), descriptor(5), arg(6));
			if (result >= 0 && (arg(4) & mapSharedAnonymous) === mapSharedAnonymous) nameObject(scene, result);
			return result;
		}
		case 'mmapb':
			return yield* old_mmap(k, arg(1), arg(2), arg(3), arg(4), descriptor(5), arg(6));
		case 'munmap':
			return yield* sys_munmap(k, arg(1), arg(2));
		case 'mprotect':
			return yield* sys_mprotect(k, arg(1), arg(2), arg(3));
		case 'madvise':
			return yield* sys_madvise(k, arg(1), arg(2), arg(3));
		case 'mlock':
			return yield* sys_mlock(k, arg(1), arg(2));
		case 'munlock':
			return yield* sys_munlock(k, arg(1), arg(2));
		case 'mremap':
			return yield* sys_mremap(k, arg(1), arg(2), arg(3), arg(4), arg(5));
		case 'read':
			return yield* load(k, arg(1));
		case 'write':
			return yield* store(k, arg(1), arg(2));
		case 'fork':
			return yield* forkAndTouch(k, arg(1), arg(2));
		case 'pread': {
			const file = scene.files.get(op[1] as FileName)!;
			const got = yield* file.f_op.read!(k, file, buffer, 1, arg(2) * PAGE_SIZE);
			return got === 0 ? 'EOF' : got < 0 ? got : yield* user_read8(k, buffer);
		}
		case 'pwrite': {
			const file = scene.files.get(op[1] as FileName)!;
			yield* user_write8(k, buffer, arg(3));
			const put = yield* file.f_op.write!(k, file, buffer, 1, arg(2) * PAGE_SIZE);
			return put < 0 ? put : 0;
		}
		case 'ftruncate':
			return yield* truncate_inode(k, scene.files.get(op[1] as FileName)!.inode, arg(2));
		default:
			throw new Error(`a vector asks for "${name}", which is not an operation that is known here`);
	}
}

function nameObject(scene: Scene, address: number): void {
	const vma = scene.k.cpu.current.mm!.mmap.find(address);
	if (vma?.vm_file) scene.objects.set(vma.vm_file.inode, scene.sharedAnonymous++);
}

function objectOf(scene: Scene, vma: vm_area_struct): string {
	if (!vma.vm_file) return '-';
	for (const [name, file] of scene.files) if (file.inode === vma.vm_file.inode) return `${name}@${vma.vm_pgoff}`;
	return `S${scene.objects.get(vma.vm_file.inode) ?? '?'}@${vma.vm_pgoff}`;
}

const windowVmas = (scene: Scene) =>
	[...scene.k.cpu.current.mm!.mmap].filter(vma => vma.vm_start >= window && vma.vm_end <= windowEnd);

function mapsOf(scene: Scene): string {
	return windowVmas(scene)
		.map(vma => {
			const has = (flag: number, letter: string) => ((vma.vm_flags & flag) === 0 ? '-' : letter);
			const perm = `${has(VM_READ, 'r')}${has(VM_WRITE, 'w')}${has(VM_EXEC, 'x')}${(vma.vm_flags & VM_MAYSHARE) === 0 ? 'p' : 's'}`;
			const flags = [
				[VM_ACCOUNT, 'a'],
				[VM_LOCKED, 'l'],
				[VM_NORESERVE, 'n'],
			] as const;
			const letters = flags.filter(([flag]) => (vma.vm_flags & flag) !== 0).map(([, letter]) => letter);
			if ((vma.vm_flags & VM_MAYWRITE) === 0) letters.push('w' as never);
			const start = (vma.vm_start - window) / PAGE_SIZE;
			const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
			return `${start}+${pages} ${perm} ${objectOf(scene, vma)} ${letters.join('') || '-'}`;
		})
		.join(';');
}

function kindOf(k: Kernel, vma: vm_area_struct, frame: Pfn): string {
	if (frame === k.layout.empty_zero_page) return 'z';
	if (PageAnon(k, frame)) return 'a';
	return vma.vm_file?.path === '/dev/zero (deleted)' ? 's' : 'f';
}

function pagesOf(scene: Scene): string {
	const {k} = scene;
	const tokens: string[] = [];
	for (const vma of windowVmas(scene))
		eachPresentPage(k, vma, (address, frame) => {
			const byte = k.hw.ram.page(frame)[0]!.toString(16).padStart(2, '0');
			tokens.push(`${(address - window) / PAGE_SIZE}${kindOf(k, vma, frame)}${byte}`);
		});
	return tokens.join(' ');
}

function* answer(k: Kernel, ops: readonly Op[]): Sleeps<unknown[]> {
	const scene = yield* setUp(k);
	const answers: unknown[] = [];
	let [maps, pages] = ['', ''];
	for (const op of ops) {
		const result = yield* perform(scene, op);
		const [nowMaps, nowPages] = [mapsOf(scene), pagesOf(scene)];
		if (nowPages !== pages) answers.push([result, nowMaps === maps ? null : nowMaps, nowPages]);
		else if (nowMaps !== maps) answers.push([result, nowMaps]);
		else answers.push([result]);
		maps = nowMaps;
		pages = nowPages;
	}
	// The next vector has files of its own: these go with the process.
	for (const made of scene.files.values()) yield* fput(k, made);
	return answers;
}

/** The era of the kernel that a document was recorded on. */
function eraOf(document: Document, options: Options): EraName {
	if (options.era) return options.era;
	const text = String(document.era ?? document.kernel ?? '');
	if (text.includes('2.6.11')) return 'ldd3';
	if (text.includes('3.2')) return '3.2';
	return '6.18';
}

/** Tags of rules that came with newer kernels, and the eras that do not have them. */
const newerRules: Readonly<Record<string, readonly EraName[]>> = {
	'unaccount-6.7': ['ldd3', '2.6.32', '3.2', '5.10', '6.1'],
	'mremap-order': ['ldd3', '2.6.32', '3.2', '5.10', '6.1'],
	'mremap-grow-merge': ['ldd3', '2.6.32', '3.2', '5.10'],
	'anon-merge-3.0-6.15': ['3.2', '5.10', '6.1'],
	noreplace: ['ldd3', '2.6.32', '3.2'],
	'oldlen0-private': ['ldd3', '2.6.32', '3.2'],
	'fault-around': ['ldd3', '2.6.32', '3.2'],
	'sigbus-anon-vma': ['ldd3', '2.6.32'],
	noreserve: ['ldd3'],
};

/** Run in an older era than it was recorded in, a vector is out if its answer rests on a rule that the era lacks. */
function needsNewerRule(vector: Vector, document: Document, options: Options): boolean {
	const era = options.era;
	if (!era || era === eraOf(document, {})) return false;
	return ((vector.tags ?? []) as string[]).some(tag => newerRules[tag]?.includes(era) ?? false);
}

export const vmaoracle = vectorTopic({
	name: 'vmaoracle',
	accepts: document => document.format === 'vmaoracle-1',
	isAnswer: path => path.startsWith('exp'),
	classes: [
		{
			name: 'run in another era (--era) that lacks a rule which the vector is tagged with',
			reason: 'the tags are those of fixtures/vectors/vma; each rule is a row of the era table',
			holds: needsNewerRule,
		},
	],
	nameOf: vector => String(vector.id),
	prepare(document, options) {
		const era = eraOf(document, options);
		// The old files were recorded on kernels without PAE, the others on x86-64, whose page tables are PAE's.
		const k = bootTestKernel({memMiB: 128, era, pae: era === '6.18', cpus: 1});
		k.trace.on = false;
		return (vector: Vector) => ({...vector, exp: runProcess(k, () => answer(k, vector.ops as Op[]))});
	},
});
