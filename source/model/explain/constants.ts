/**
 * Numbers of system calls as the constants that a program writes. @see include/asm-generic/mman.h,
 * include/asm-i386/{mman,fcntl}.h of 2.6.11, include/uapi/asm-generic/{mman-common,fcntl}.h of 6.1
 */

/** A value, and the bits that it is compared in: all where left out. */
type Constant = readonly [name: string, value: number, says: string, mask?: number];

type Constants = {
	/** What 0 is called. */
	readonly zero: string;
	readonly list: readonly Constant[];
};

const prot: Constants = {
	zero: 'PROT_NONE',
	list: [
		['PROT_READ', 1, 'pages may be read'],
		['PROT_WRITE', 2, 'pages may be written to'],
		['PROT_EXEC', 4, 'pages may be executed'],
		['PROT_SEM', 8, 'pages may hold atomic operations'],
		['PROT_GROWSDOWN', 0x0100_0000, 'also what lies below, down to the start of a stack'],
		['PROT_GROWSUP', 0x0200_0000, 'also what lies above'],
	],
};

const mapFlags: Constants = {
	zero: '0',
	list: [
		['MAP_SHARED_VALIDATE', 3, 'as MAP_SHARED, and flags that are not known are refused', 0xf],
		['MAP_SHARED', 1, 'writes reach the file and all others who map it', 0xf],
		['MAP_PRIVATE', 2, 'writes stay in this process: copy on write', 0xf],
		['MAP_FIXED', 0x10, 'exactly at this address: what was there goes'],
		['MAP_ANONYMOUS', 0x20, 'no file: pages begin as zeros'],
		['MAP_GROWSDOWN', 0x100, 'grows towards lower addresses, as a stack'],
		['MAP_DENYWRITE', 0x800, 'ignored'],
		['MAP_EXECUTABLE', 0x1000, 'ignored'],
		['MAP_LOCKED', 0x2000, 'as mlock()'],
		['MAP_NORESERVE', 0x4000, 'does not count as promised memory'],
		['MAP_POPULATE', 0x8000, 'pages are brought in at once'],
		['MAP_NONBLOCK', 0x1_0000, 'brings in at once only what is in memory'],
		['MAP_FIXED_NOREPLACE', 0x10_0000, 'exactly at this address, or not at all'],
	],
};

const openFlags: Constants = {
	zero: 'O_RDONLY',
	list: [
		['O_WRONLY', 1, 'to write', 3],
		['O_RDWR', 2, 'to read and write', 3],
		['O_CREAT', 0o100, 'made if it is not there'],
		['O_EXCL', 0o200, 'an error if it is there'],
		['O_NOCTTY', 0o400, 'does not become the terminal of the process'],
		['O_TRUNC', 0o1000, 'emptied'],
		['O_APPEND', 0o2000, 'writes go to the end'],
		['O_NONBLOCK', 0o4000, 'never waits'],
		['O_SYNC', 0o4010000, 'a write returns when the data and all about the file are on the disk'],
		['O_DSYNC', 0o10000, 'a write returns when the data are on the disk; until 2.6.32 this bit is called O_SYNC'],
		['FASYNC', 0o20000, 'SIGIO is sent when data arrive'],
		['O_DIRECT', 0o40000, 'past the page cache, between the device and the buffer of the process'],
		['O_LARGEFILE', 0o100000, 'may be larger than 2 GiB'],
		['O_DIRECTORY', 0o200000, 'has to be a directory'],
		['O_NOFOLLOW', 0o400000, 'not through a symbolic link'],
		['O_CLOEXEC', 0o2000000, 'closed by execve()'],
	],
};

const mremapFlags: Constants = {
	zero: '0',
	list: [
		['MREMAP_MAYMOVE', 1, 'may go to another address'],
		['MREMAP_FIXED', 2, 'goes to the address that is given'],
		['MREMAP_DONTUNMAP', 4, 'the old area stays, empty'],
	],
};

const msyncFlags: Constants = {
	zero: '0',
	list: [
		['MS_ASYNC', 1, 'to be written some time'],
		['MS_INVALIDATE', 2, 'other mappings of the file see it'],
		['MS_SYNC', 4, 'returns when it is on the disk'],
	],
};

const lockFlags: Constants = {
	zero: '0',
	list: [
		['MCL_CURRENT', 1, 'all that is mapped now'],
		['MCL_FUTURE', 2, 'all that will be mapped'],
		['MCL_ONFAULT', 4, 'pages are locked as they come'],
	],
};

const whole = (name: string, value: number, says: string): Constant => [name, value, says, 0xffff_ffff];

const advice: Constants = {
	zero: 'MADV_NORMAL',
	list: [
		whole('MADV_RANDOM', 1, 'read nothing ahead'),
		whole('MADV_SEQUENTIAL', 2, 'read far ahead'),
		whole('MADV_WILLNEED', 3, 'read it now'),
		whole('MADV_DONTNEED', 4, 'give the pages back; the next touch finds zeros or the file'),
		whole('MADV_FREE', 8, 'the pages may go when memory is short'),
		whole('MADV_REMOVE', 9, 'free the blocks of the file, too'),
		whole('MADV_DONTFORK', 10, 'not for children'),
		whole('MADV_DOFORK', 11, 'for children again'),
		whole('MADV_DONTDUMP', 16, 'not in core dumps'),
		whole('MADV_DODUMP', 17, 'in core dumps again'),
		whole('MADV_WIPEONFORK', 18, 'children find zeros'),
		whole('MADV_KEEPONFORK', 19, 'children find the contents again'),
		whole('MADV_COLD', 20, 'reclaim these pages first'),
		whole('MADV_PAGEOUT', 21, 'reclaim these pages now'),
		whole('MADV_POPULATE_READ', 22, 'bring the pages in, to read'),
		whole('MADV_POPULATE_WRITE', 23, 'bring the pages in, to write'),
		whole('MADV_DONTNEED_LOCKED', 24, 'as MADV_DONTNEED, locked pages too'),
	],
};

const whence: Constants = {
	zero: 'SEEK_SET',
	list: [whole('SEEK_CUR', 1, 'from where the file is read now'), whole('SEEK_END', 2, 'from its end')],
};

/** Arguments that are made of constants, by call and name. */
const byCall = new Map(
	Object.entries<Readonly<Record<string, Constants>>>({
		mmap2: {prot, flags: mapFlags},
		mmap: {prot, flags: mapFlags},
		mmap_pgoff: {prot, flags: mapFlags},
		mprotect: {prot},
		mremap: {flags: mremapFlags},
		msync: {flags: msyncFlags},
		mlockall: {flags: lockFlags},
		mlock2: {flags: {zero: '0', list: [['MLOCK_ONFAULT', 1, 'pages are locked as they come']]}},
		madvise: {behavior: advice},
		open: {flags: openFlags},
		openat: {flags: openFlags},
		lseek: {origin: whence, whence},
		llseek: {origin: whence, whence},
	}).map(([call, named]) => [call, new Map(Object.entries(named))] as const),
);

export const constantsOf = (call: string, argument: string): Constants | undefined => byCall.get(call)?.get(argument);

type Parts = {readonly names: readonly string[]; readonly says: readonly string[]};

/** The constants that a number is made of; bits without a name stay a number. */
export function partsOf(value: number, {zero, list}: Constants): Parts {
	if (value === 0) return {names: [zero], says: []};
	let left = value;
	const found = list.filter(([, bits, , mask = bits]) => {
		const isIn = (left & mask) >>> 0 === bits && bits !== 0;
		if (isIn) left = (left & ~mask) >>> 0;
		return isIn;
	});
	const names = found.map(([name]) => name);
	return {
		names: left === 0 ? names : [...names, `0x${left.toString(16)}`],
		says: found.map(([name, , says]) => `${name}: ${says}`),
	};
}
