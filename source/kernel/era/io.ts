import {EAGAIN, EINVAL} from '../errno.ts';
import {VM_DONTDUMP, VM_DONTEXPAND, VM_RESERVED} from '../mm/mm_types.ts';
import {changes} from './behaviour.ts';

/** Base-2 logarithm, rounded up; exact for powers of two. */
function log2(value: number): number {
	let bits = 0;
	while (2 ** bits < value) bits++;
	return bits;
}

/** Files, page cache, block layer, direct and asynchronous I/O. */
export const ioBehaviours = {
	filemapEventsPrintOrder: changes<boolean>(
		'include/trace/events/filemap.h (5.18); fixtures/vectors/debug event_formats.txt',
		{
			ldd3: false,
			'6.1': true,
		},
	),
	/**
	 * What a buffered write brings in of its source before it locks the page that it writes to. 2.6.11 looks at no
	 * result, for its copy faults again; later copies do not, and one that is told of a missing page stops. 6.18 copies
	 * first.
	 */
	writePrefault: changes<'not heeded' | 'first segment' | 'every segment' | 'any byte' | 'after a failed copy'>(
		'mm/filemap.c generic_file_buffered_write; generic_perform_write, 2.6.24; fault_in_iov_iter_readable, 5.16',
		{
			ldd3: 'not heeded',
			'2.6.32': 'first segment',
			'5.10': 'every segment',
			'6.1': 'any byte',
			'6.18': 'after a failed copy',
		},
	),
	/** Write-back cleans and write-protects page-table entries, so that it notices the next write. */
	writebackCleansPtes: changes<boolean>('mm/page-writeback.c clear_page_dirty_for_io: page_mkclean, 2.6.19', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Percent of memory that may be dirty before writers write themselves. */
	dirtyRatio: changes<number>('mm/page-writeback.c vm_dirty_ratio: 40; 20 from 2.6.24 on', {ldd3: 40, '2.6.32': 20}),
	writebackThreadName: changes<string>(
		'mm/pdflush.c; mm/backing-dev.c 2.6.32: one a device; a workqueue from 3.10 on',
		{
			ldd3: 'pdflush',
			'2.6.32': 'flush-8:0',
			'5.10': 'kworker/u4:0',
		},
	),
	/** Device that maps prints for shared anonymous memory. */
	shmemDeviceMinor: changes<number>('fixtures/captures (5.10, 6.1: 00:01); 2.6 kernels print 00:04', {
		ldd3: 4,
		'5.10': 1,
	}),
	tmpfsAcceptsODirect: changes<boolean>(
		'fixtures/vectors/i386 aio.json, "tmpfs O_DIRECT": EINVAL; mm/shmem.c of 6.6 accepts it',
		{
			ldd3: false,
			'6.18': true,
		},
	),
	/** How many descriptors a table has room for that is made for one. */
	fdTablePlaces: changes<(fd: number) => number>('fs/file.c expand_fd_array() (2.6.11); alloc_fdtable() since 2.6.13', {
		ldd3: fd => (fd < 256 ? 256 : fd < 1_024 ? 1_024 : 2 ** log2(fd + 1)),
		'2.6.32': fd => 256 * 2 ** log2(Math.floor(fd / 256) + 1),
	}),
	/** Whether FADV_DONTNEED begins to write all of the file, or the range alone. */
	fadviseWritesRange: changes<boolean>('mm/fadvise.c: filemap_flush(); __filemap_fdatawrite_range(), 3.0', {
		ldd3: false,
		'3.2': true,
	}),
	/** Whether files on a disk and in memory know their holes; before, a file is all data. */
	seeksRealHoles: changes<boolean>('fs/ext4/file.c ext4_llseek(), mm/shmem.c shmem_file_llseek(), 3.8', {
		ldd3: false,
		'5.10': true,
	}),
	/** Whether lseek finds data and holes. */
	seeksDataAndHoles: changes<boolean>('fs/read_write.c generic_file_llseek(): SEEK_DATA, SEEK_HOLE, 3.1', {
		ldd3: false,
		'3.2': true,
	}),
	/**
	 * Whether a disk's queue bounces what its DMA mask does not reach: always; where nothing else translates addresses; or
	 * never, for that is left to the DMA API.
	 */
	diskQueueBounces: changes<'always' | 'without translation' | 'never'>(
		'drivers/scsi/scsi_lib.c scsi_calculate_bounce_limit(); PCI_DMA_BUS_IS_PHYS of asm/pci.h, gone in 4.18',
		{ldd3: 'always', '2.6.32': 'without translation', '5.10': 'never'},
	),
	/** Whether the frame at a device's limit is bounced as those beyond it are. */
	bouncesAtLimit: changes<boolean>('mm/highmem.c __blk_queue_bounce(): < in 2.6.11, <= since 2.6.2x', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** A device with a limit below this has its stand-ins from ISA memory. */
	bounceDmaBelow: changes<(max_low_pfn: number) => number>(
		'll_rw_blk.c, block/blk-settings.c blk_queue_bounce_limit(): the end of low memory; 4 GiB since 3.10',
		{ldd3: max_low_pfn => max_low_pfn, '5.10': () => 0xf_ffff},
	),
	bounceWritesThrough: changes<'kmap' | 'kmap_atomic'>('mm/highmem.c, block/bounce.c __blk_queue_bounce()', {
		ldd3: 'kmap',
		'5.10': 'kmap_atomic',
	}),
	sharedWorkqueueName: changes<string>('kernel/workqueue.c: keventd; concurrency-managed pools from 2.6.36 on', {
		ldd3: 'events/0',
		'3.2': 'kworker/0:0',
	}),
	aioWorkqueueName: changes<string>('fs/aio.c aio_setup: create_workqueue("aio"); the shared pools from 2.6.36 on', {
		ldd3: 'aio/0',
		'3.2': 'kworker/0:1',
	}),
	/** The ring is a file of its own, mapped shared; before, private anonymous memory. */
	aioRingIsFile: changes<boolean>('fs/aio.c aio_private_file, 3.12; fixtures/vectors/i386 aio.json maps lines', {
		ldd3: false,
		'5.10': true,
	}),
	aioDeviceMinor: changes<number>('fixtures/vectors/i386 aio.json: /[aio] lies on 00:10', {ldd3: 0, '5.10': 0x10}),
	/** Each CPU takes slots of the ring in batches, and the ring is made twice as large for it. */
	aioSlotsPerCpu: changes<boolean>(
		'fs/aio.c get_reqs_available, 3.12; fixtures/vectors/i386 aio.json aio_full: 120 of 127',
		{
			ldd3: false,
			'5.10': true,
		},
	),
	aioSlotBeforeFile: changes<boolean>('fs/aio.c io_submit_one: aio_get_req before fget from 3.10 on', {
		ldd3: false,
		'5.10': true,
	}),
	/** A method that moved only a part is called again for the rest. */
	aioRetriesPartial: changes<boolean>('fs/aio.c aio_rw_vect_retry, gone in 3.13', {ldd3: true, '5.10': false}),
	/**
	 * A write of which a part was done before an error answers with that part; a read, and any request of 2.6.11, with
	 * the error.
	 */
	aioKeepsWritten: changes<boolean>('fs/aio.c aio_pwrite (2.6.11); aio_rw_vect_retry of 2.6.32 and 3.2', {
		ldd3: false,
		'2.6.32': true,
	}),
	aioRetries: changes<boolean>('fs/aio.c -EIOCBRETRY, gone in 3.10', {ldd3: true, '5.10': false}),
	/** Whether read() waits for a method that left its request queued; else it is a BUG, and nothing can complete one. */
	syncKiocbWaits: changes<boolean>(
		'fs/read_write.c do_sync_read(): wait_on_sync_kiocb(), gone in 4.1; new_sync_read(): BUG_ON, 5.10',
		{ldd3: true, '5.10': false},
	),
	/** What io_cancel says of a request that is not there, or whose driver cannot cancel; and in the log. */
	aioCancelRefused: changes<{readonly error: number; readonly line: string | undefined}>(
		'fs/aio.c sys_io_cancel(): -EAGAIN and a line in 2.6.11, -EINVAL since 2.6.14; docs/sources.md §5',
		{
			ldd3: {error: EAGAIN, line: 'iocb has no cancel operation'},
			'2.6.32': {error: EINVAL, line: undefined},
		},
	),
	/**
	 * Whether io_getevents looks up the context first and reads the timeout only when it has to wait, and takes an event
	 * out of the ring before it hands it over, so that a bad address loses it.
	 */
	aioReadsTimeoutLate: changes<boolean>('fs/aio.c read_events(), aio_read_evt(); written anew in 3.10', {
		ldd3: true,
		'5.10': false,
	}),
	/** Whether io_submit looks at the array of pointers as a whole before it looks up the context. */
	aioChecksArrayFirst: changes<boolean>('fs/aio.c do_io_submit(): access_ok() goes first, until 4.18', {
		ldd3: true,
		'5.10': false,
	}),
	/** Whether a request's buffer is looked at before its file's method. */
	aioChecksBufferFirst: changes<boolean>('fs/aio.c aio_setup_iocb(); aio_read(), 4.18', {ldd3: true, '5.10': false}),
	/** Fields of an iocb that have to be zero. */
	aioReservedFields: changes<'1, 2 and 3' | '1 and 2' | '2'>(
		'fs/aio.c io_submit_one(): flags and eventfd took aio_reserved3 in 2.6.22, aio_rw_flags aio_reserved1 in 4.13',
		{ldd3: '1, 2 and 3', '2.6.32': '1 and 2', '5.10': '2'},
	),
	aioIsVectored: changes<boolean>('include/linux/aio_abi.h IOCB_CMD_PREADV, 2.6.19', {ldd3: false, '2.6.32': true}),
	/** io_setup refuses more requests than have room in 256 MiB of these: struct kiocb on i386, or none. */
	aioKiocbBytes: changes<number>('fs/aio.c ioctx_alloc(); include/linux/aio.h struct kiocb; not asked since 3.10', {
		ldd3: 120,
		'2.6.32': 132,
		'3.2': 120,
		'5.10': 0,
	}),
	/** Whether every failure to make a ring is -ENOMEM. */
	aioRingFailsWithEnomem: changes<boolean>('fs/aio.c ioctx_alloc(): out_freectx', {ldd3: true, '5.10': false}),
	/** IOCB_CMD_FSYNC works on any file with fsync; before, only with aio_fsync, which no filesystem had. */
	aioFsyncOfEveryFile: changes<boolean>('fs/aio.c aio_fsync, 4.18', {ldd3: false, '5.10': true}),
	/** IOCB_CMD_POLL */
	aioPolls: changes<boolean>('fs/aio.c aio_poll(): IOCB_CMD_POLL, 4.18', {ldd3: false, '5.10': true}),
	/** io_cancel hands the event to the caller; later it goes through the ring and the call says -EINPROGRESS. */
	aioCancelFillsEvent: changes<boolean>('fs/aio.c sys_io_cancel, 3.12', {ldd3: true, '5.10': false}),
	/**
	 * Users of a control block are a refcount_t, and its event is posted by the last one; before, a plain count and a
	 * BUG.
	 */
	aioCountsWithRefcount: changes<boolean>('fs/aio.c __aio_put_req BUG_ON(ki_users < 0); iocb_put, 4.19 and 5.1', {
		ldd3: false,
		'5.10': true,
	}),
	/** What becomes of a synchronous request that is completed again. */
	syncKiocbTwice: changes<'unnoticed' | 'BUG' | 'NULL call'>(
		'fs/aio.c aio_complete: counts on (2.6.11), BUG_ON(ki_users != 1); init_sync_kiocb leaves ki_complete NULL, 4.1',
		{ldd3: 'unnoticed', '2.6.32': 'BUG', '5.10': 'NULL call'},
	),
	/**
	 * Where completing a control block faults that is filled with 0x6b: at ctx->ctx_lock; later iocb->ki_complete is
	 * called.
	 */
	freedKiocbFault: changes<{readonly address: number; readonly write: boolean}>(
		'fs/aio.c aio_complete: spin_lock_irqsave(&ctx->ctx_lock), at 32 and 36 of struct kioctx; include/linux/fs.h',
		{
			ldd3: {address: 0x6b6b_6b8b, write: true},
			'2.6.32': {address: 0x6b6b_6b8f, write: true},
			'5.10': {address: 0x6b6b_6b6b, write: false},
		},
	),
	kiocbCacheName: changes<string>('fs/aio.c aio_setup: "kiocb"; KMEM_CACHE(aio_kiocb), 4.1', {
		ldd3: 'kiocb',
		'5.10': 'aio_kiocb',
	}),
	kiocbPrivateOffset: changes<number>('include/linux/aio.h struct kiocb on i386; include/linux/fs.h', {
		ldd3: 116,
		'2.6.32': 80,
		'3.2': 60,
		'5.10': 16,
	}),
	/** What a driver sets so that its mapping is not swapped out; 3.7 took VM_RESERVED away. */
	driverReservedFlags: changes<number>(
		'include/linux/mm.h, 3.7; drivers of fixtures/vectors/i386 mmap_driver (RESERVED_OPS)',
		{
			ldd3: VM_RESERVED,
			'5.10': VM_DONTEXPAND | VM_DONTDUMP,
		},
	),
	/** /dev/null and /dev/zero have asynchronous methods. */
	memDevicesHaveAio: changes<boolean>('drivers/char/mem.c aio_read_null, 3.16; fixtures/vectors/i386 aio.json', {
		ldd3: false,
		'5.10': true,
	}),
	/** /dev/mem refuses RAM above the first megabyte. */
	devMemIsGuarded: changes<boolean>('drivers/char/mem.c CONFIG_STRICT_DEVMEM, 2.6.26: RAM above 1 MiB is refused', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** msync has to look for dirty entries itself; later a write fault has marked the page already. */
	msyncCollectsDirtyPtes: changes<boolean>('mm/msync.c filemap_sync, gone in 2.6.19', {ldd3: true, '2.6.32': false}),
	diskFoundLine: changes<(name: string, sectors: number) => string>(
		'drivers/scsi/sd.c sd_read_capacity, sd_print_capacity',
		{
			ldd3: (name, sectors) =>
				`SCSI device ${name}: ${sectors} 512-byte hdwr sectors (${decimalMegabytes(sectors)} MB)`,
			'2.6.32': (name, sectors) =>
				`sd 0:0:0:0: [${name}] ${sectors} 512-byte logical blocks: ` +
				`(${threeDigits(sectors, 1000)}B/${threeDigits(sectors, 1024)}iB)`,
		},
	),
	ioErrorLine: changes<(error: IoError) => string>('drivers/block/ll_rw_blk.c end_that_request_first; block/blk-mq.c', {
		ldd3: ({dev, sector}) => `end_request: I/O error, dev ${dev}, sector ${sector}`,
		'5.10': error => `blk_update_request: ${describeIoError(error)} prio class 0`,
		'6.1': error => `${describeIoError(error)} prio class 2`,
	}),
	badSectorLines: changes<
		(access: IoError & {readonly comm: string; readonly sectors: number; readonly limit: number}) => string[]
	>('drivers/block/ll_rw_blk.c, block/blk-core.c: handle_bad_sector, bio_check_eod', {
		ldd3: ({dev, write, sector, sectors, limit}) => [
			'attempt to access beyond end of device',
			`${dev}: rw=${write ? 1 : 0}, want=${sector + sectors}, limit=${limit}`,
		],
		'6.1': ({comm, dev, write, sector, sectors, limit}) => [
			`${comm}: attempt to access beyond end of device`,
			`${dev}: rw=${write ? 1 : 0}, sector=${sector}, nr_sectors = ${sectors} limit=${limit}`,
		],
	}),
} as const;

type IoError = {
	readonly dev: string;
	readonly sector: number;
	readonly write: boolean;
	readonly sync: boolean;
	readonly segments: number;
};

function describeIoError({dev, sector, write, sync, segments}: IoError): string {
	const operation = write ? '0x1:(WRITE)' : '0x0:(READ)';
	return `I/O error, dev ${dev}, sector ${sector} op ${operation} flags 0x${sync ? '800' : '0'} phys_seg ${segments}`;
}

/** Megabytes of a million bytes, rounded as sd_read_capacity() does without dividing 64 bits twice. */
const decimalMegabytes = (sectors: number): number =>
	Math.floor((sectors - (Math.floor((2 * sectors) / 1250) - 974)) / 1950);

/** Three digits and a unit, as string_get_size() rounds. */
function threeDigits(sectors: number, unit: 1000 | 1024): string {
	const names = ['', unit === 1000 ? 'k' : 'K', 'M', 'G', 'T'];
	let size = sectors * 512;
	let at = 0;
	for (; size >= unit && at < names.length - 1; at++) size /= unit;
	const digits = size < 10 ? 2 : size < 100 ? 1 : 0;
	return `${(Math.floor(size * 10 ** digits) / 10 ** digits).toFixed(digits)} ${names[at]}`;
}
