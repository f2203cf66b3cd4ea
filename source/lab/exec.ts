/** Compiled programs: how they come into the machine in pieces, run beside its own, and what they print. */
import type {Exec} from '../formats/debugfs/lab/exec.ts';
import {files} from '../formats/files.ts';
import {PAGE_SIZE} from '../hardware/address.ts';
import {newRegisters} from '../hardware/cpu/processor.ts';
import {parseProgram} from '../kernel/binfmt_elf.ts';
import {runProgram} from '../kernel/entry.ts';
import {EFAULT, EINVAL, ENOENT, ENOMEM, EPERM, errnoName, IS_ERR} from '../kernel/errno.ts';
import {execFile} from '../kernel/execve.ts';
import {fd_install, type file, type file_operations, fput, O_RDONLY, O_RDWR} from '../kernel/fs/file.ts';
import {get_empty_filp} from '../kernel/fs/file_table.ts';
import {new_inode} from '../kernel/fs/inode.ts';
import {sys_unlink} from '../kernel/fs/namei.ts';
import {shmem_getpage, tmpfs} from '../kernel/fs/shmem.ts';
import {DEV_FS, filp_open, mount, vfs_create} from '../kernel/fs/vfs.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {put_page} from '../kernel/mm/page_alloc.ts';
import {copy_from_user} from '../kernel/mm/uaccess.ts';
import {wake_up_new_task} from '../kernel/new_task.ts';
import {newThread} from '../kernel/processor.ts';
import type {task_struct} from '../kernel/sched.ts';
import {kill_priv} from '../kernel/signal.ts';
import {syscall} from '../kernel/syscalls.ts';
import type {Sleeps} from '../kernel/time.ts';
import {LabError} from './errors.ts';
import type {Injections} from './injections.ts';
import {beginOwnStory, outputTeller, toldTo} from './ownStory.ts';
import {newProcess} from './programs/start.ts';
import {
	addToUpload,
	beginUpload,
	completeUpload,
	forgetUpload,
	noUploads,
	type Upload,
	type Uploads,
} from './uploads.ts';

/** Of what a program prints, so much is kept. */
const mostOutputBytes = 1 << 20;
const mostArguments = 256;
/** The device of the filesystem that holds them. */
const tmpFs = {major: 0, minor: 17};
const notExecutable = 126;
/** The directory of the files that steer the machine. */
const steering = files.exec.path.replace(/exec$/, '');

type Program = {
	readonly id: number;
	readonly name: string;
	readonly task: task_struct;
	/** Why it could not be loaded. */
	failure: string | undefined;
	readonly output: number[];
	printedBytes: number;
	/** Also gets its output. */
	readonly tell: ((bytes: Uint8Array) => void) | undefined;
};

export type Programs = {readonly uploads: Uploads; readonly all: Program[]};

export const noPrograms = (): Programs => ({uploads: noUploads(), all: []});

/** The machine as programs need it. */
type ProgramPlace = {readonly k: Kernel; readonly programs: Programs; readonly injections: Injections};

/** Carries out what was written to lab/exec. @returns a number, or nothing @throws LabError */
export function writeExec(place: ProgramPlace, text: string, by: string): string {
	const [, word = '', argument = '', rest = ''] = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/s.exec(text) ?? [];
	const {uploads} = place.programs;
	switch (word) {
		case 'load':
			return String(beginUpload(uploads, argument, rest));
		case 'data':
			addToUpload(uploads, argument, rest);
			return '';
		case 'run':
		case 'tell': {
			const id = start(
				place,
				completeUpload(uploads, argument),
				parseArguments(rest),
				word === 'tell' ? by : undefined,
			);
			forgetUpload(uploads, argument);
			return id;
		}
		case 'kill':
			kill(place, argument, rest);
			return '';
		default:
			throw new LabError(
				'EINVAL',
				'exec takes load NAME BYTES, data NUMBER BASE64, run or tell NUMBER [ARGUMENTS], kill PROGRAM SIGNAL, ' +
					`got "${word}"`,
			);
	}
}

/** A JSON array of strings; nothing stands for none. */
function parseArguments(text: string): readonly string[] {
	if (text === '') return [];
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		parsed = undefined;
	}
	const isFit =
		Array.isArray(parsed) && parsed.length <= mostArguments && parsed.every(each => typeof each === 'string');
	if (!isFit) throw new LabError('EINVAL', `arguments are a JSON array of at most ${mostArguments} strings`);
	return parsed as readonly string[];
}

/**
 * @param teller who began its story; undefined: it has none
 * @returns the program's number; before it that of the injection, where there is a story
 */
function start(
	place: ProgramPlace,
	{name, bytes}: Upload,
	args: readonly string[],
	teller: string | undefined,
): string {
	const {k, programs} = place;
	const program = parseProgram(bytes);
	if (typeof program === 'string') throw new LabError('ENOEXEC', `${name} cannot be run: ${program}`);
	const argv = [`./${name}`, ...args];
	const parent = k.sched.tasks.get(1) ?? null;
	const story = teller === undefined ? undefined : beginOwnStory(place, `./${name}`, args.join(' '), teller);
	const output = story && outputTeller(k, story);
	const task = newProcess(k, {comm: name.slice(0, 15), argv, parent, ...(story && {injection: story.id})});
	const record: Program = {
		id: programs.all.length + 1,
		name,
		task,
		failure: undefined,
		output: [],
		printedBytes: 0,
		tell: output?.take,
	};
	programs.all.push(record);
	const body = (kernel: Kernel) => load(kernel, record, bytes, argv);
	if (!story) {
		wake_up_new_task(k, task, body);
		return String(record.id);
	}
	story.pids.push(task.pid);
	const says = (code: number) => [code === 0, record.failure ?? `it exited with ${code}`] as const;
	wake_up_new_task(k, task, kernel => toldTo(story, body(kernel), says, output?.end));
	return `${story.id} ${record.id}`;
}

/** The new process gets its files, and becomes the program. */
function* load(k: Kernel, record: Program, bytes: Uint8Array, argv: readonly string[]): Sleeps<number> {
	const task = k.cpu.current;
	const path = `/tmp/${record.name}`;
	const stored = yield* storeFile(k, path, bytes);
	let error = stored;
	if (stored === 0) {
		yield* openStandardFiles(k, record);
		task.thread = newThread(newRegisters());
		error = yield* syscall(k, 'execve', `filename: ${JSON.stringify(path)}`, exec(k, path, argv));
	}
	if (error === 0) return yield* runProgram(k);
	record.failure = `it could not be loaded: ${errnoName(error)}`;
	return notExecutable;
}

function* exec(k: Kernel, path: string, argv: readonly string[]): Sleeps<number> {
	const file = yield* filp_open(k, path, O_RDONLY);
	if (typeof file === 'number') return file;
	const error = yield* execFile(k, k.cpu.current.thread!, file, argv, [
		'PATH=/bin:/usr/bin',
		'HOME=/root',
		'TERM=dumb',
	]);
	yield* fput(k, file);
	return error;
}

/** Puts a program into /tmp, in place of one of that name; who runs the former one keeps it. @returns 0 or -errno */
function* storeFile(k: Kernel, path: string, bytes: Uint8Array): Sleeps<number> {
	mount(k, tmpfs('/tmp', tmpFs));
	yield* sys_unlink(k, path);
	const inode = vfs_create(k, path);
	if (typeof inode === 'number') return inode;
	inode.i_size = bytes.length;
	for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
		const frame = yield* shmem_getpage(k, inode, at / PAGE_SIZE);
		if (IS_ERR(frame)) return -ENOMEM;
		k.hw.ram.pageForWrite(frame).set(bytes.subarray(at, at + PAGE_SIZE));
		put_page(k, frame);
	}
	return 0;
}

function* openStandardFiles(k: Kernel, record: Program): Sleeps<void> {
	const {files} = k.cpu.current;
	const input = yield* filp_open(k, '/dev/null', O_RDONLY);
	if (typeof input !== 'number') fd_install(files, input);
	const output = outputFile(k, record);
	output.f_count = 2;
	files.fds.set(1, output);
	files.fds.set(2, output);
}

/** Where a program prints to: a pipe whose other end is the file of the tree. */
function outputFile(k: Kernel, record: Program): file {
	const i_fop: file_operations = {
		name: 'write_pipe_fops',
		noSeek: true,
		*write(kernel, _file, buffer, count) {
			const bytes = new Uint8Array(Math.min(count, PAGE_SIZE * 16));
			if ((yield* copy_from_user(kernel, bytes, buffer)) > 0) return -EFAULT;
			printed(record, bytes);
			return bytes.length;
		},
		*read() {
			return 0;
		},
	};
	const inode = new_inode(k, {kind: 'chrdev', s_dev: DEV_FS, i_fop});
	k.mappings.delete(inode.i_mapping.id);
	return get_empty_filp(k, 'pipe:[output]', inode, O_RDWR);
}

function printed(record: Program, bytes: Uint8Array): void {
	for (const byte of bytes) record.output.push(byte);
	record.printedBytes += bytes.length;
	record.tell?.(bytes);
	const {length} = record.output;
	if (length > 2 * mostOutputBytes) record.output.splice(0, length - mostOutputBytes);
}

function kill({k, programs}: ProgramPlace, id: string, signal: string): void {
	const {task} = programOf(programs, id);
	const number = Number(signal);
	if (!Number.isInteger(number) || number < 1 || number > 31)
		throw new LabError('EINVAL', `a signal is 1..31, got "${signal}"`);
	kill_priv(k, task.pid, number);
}

/** @throws LabError ENOENT */
function programOf({all}: Programs, id: string): Program {
	const found = all[Number(id) - 1];
	if (!found) throw new LabError('ENOENT', `no program "${id}" was started; lab/exec lists ${all.length} of them`);
	return found;
}

/** The last that a program has printed. */
export function outputOf({programs}: Pick<ProgramPlace, 'programs'>, id: string): Uint8Array {
	return Uint8Array.from(programOf(programs, id).output.slice(-mostOutputBytes));
}

export function execRecord({programs}: Pick<ProgramPlace, 'programs'>): Exec {
	return {
		programs: programs.all.map(({id, name, task, failure, output, printedBytes}) => {
			const {pid, exit_code, thread} = task;
			const isOver = task.state === 'EXIT_ZOMBIE' || task.state === 'EXIT_DEAD';
			const wasKilled = isOver && (exit_code & 0x7f) !== 0;
			return {
				id,
				pid,
				name,
				status: !isOver ? 'running' : wasKilled ? 'killed' : 'exited',
				code: !isOver ? 0 : wasKilled ? exit_code & 0x7f : exit_code >> 8,
				bytes: printedBytes,
				kept: Math.min(output.length, mostOutputBytes),
				note: failure ?? thread?.trap ?? null,
			};
		}),
	};
}

/** /proc and /sys for programs: the tree's own files, as its clients get them. */
export function madeFiles(tree: {
	readonly read: (path: string) => string | Uint8Array;
	readonly write: (path: string, text: string) => unknown;
	readonly has: (path: string) => boolean;
	readonly list: (path: string) => readonly string[];
}): NonNullable<Kernel['vfs']['madeFiles']> {
	const errno = (error: unknown): number => {
		if (!(error instanceof LabError)) throw error;
		return error.code === 'ENOENT' ? -ENOENT : -EINVAL;
	};
	return {
		exists: tree.has,
		read(path) {
			try {
				const content = tree.read(path);
				return typeof content === 'string' ? utf8(content) : content;
			} catch (error) {
				return errno(error);
			}
		},
		list(path) {
			if (!/^\/(?:proc|sys)(?:\/|$)/.test(path)) return undefined;
			try {
				return tree.list(path);
			} catch (error) {
				if (error instanceof LabError) return undefined;
				throw error;
			}
		},
		write(path, text) {
			// What steers the machine from outside is not for what runs in it.
			if (path.startsWith(steering)) return -EPERM;
			try {
				tree.write(path, text);
				return 0;
			} catch (error) {
				return errno(error);
			}
		},
	};
}

/** Text as bytes. */
function utf8(text: string): Uint8Array {
	const bytes: number[] = [];
	for (const letter of text) {
		const code = letter.codePointAt(0)!;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
		else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		else {
			const rest = [12, 6, 0].map(shift => 0x80 | ((code >> shift) & 63));
			bytes.push(0xf0 | (code >> 18), ...rest);
		}
	}
	return Uint8Array.from(bytes);
}
