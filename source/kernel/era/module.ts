import {changes} from './behaviour.ts';

/** Loading of modules and their parameters. */
export const moduleBehaviours = {
	/**
	 * How a number is read: `simple` takes what digits there are and ignores the rest, `strict` refuses a rest, `kstrto`
	 * refuses what does not fit as well.
	 */
	paramNumbers: changes<'simple' | 'strict' | 'kstrto'>(
		'kernel/params.c STANDARD_PARAM_DEF: simple_strtoul, strict_strtoul since 2.6.28, kstrtoul since 3.0',
		{ldd3: 'simple', '2.6.32': 'strict', '3.2': 'kstrto'},
	),
	/** What a number that fits a long and not the parameter's type is. */
	paramTooWide: changes<'EINVAL' | 'ERANGE'>('kernel/params.c: kstrtou8 and its like, 3.16', {
		ldd3: 'EINVAL',
		'5.10': 'ERANGE',
	}),
	/** First letters, or first two, that mean yes and no. */
	paramBool: changes<{readonly yes: readonly string[]; readonly no: readonly string[]}>(
		'kernel/params.c param_set_bool; lib/kstrtox.c kstrtobool: on and off, 4.6; t and f, 5.19; e and d, 6.9',
		{
			ldd3: {yes: ['y', 'Y', '1'], no: ['n', 'N', '0']},
			'5.10': {yes: ['y', 'Y', '1', 'on', 'oN', 'On', 'ON'], no: ['n', 'N', '0', 'of', 'oF', 'Of', 'OF']},
			'6.1': {
				yes: ['y', 'Y', 't', 'T', '1', 'on', 'oN', 'On', 'ON'],
				no: ['n', 'N', 'f', 'F', '0', 'of', 'oF', 'Of', 'OF'],
			},
			'6.18': {
				yes: ['e', 'E', 'y', 'Y', 't', 'T', '1', 'on', 'oN', 'On', 'ON'],
				no: ['d', 'D', 'n', 'N', 'f', 'F', '0', 'of', 'oF', 'Of', 'OF'],
			},
		},
	),
	/** A byte is printed as a character, or as a number. */
	paramByteIsCharacter: changes<boolean>('kernel/params.c STANDARD_PARAM_DEF(byte, …): %c until 2.6.37', {
		ldd3: true,
		'3.2': false,
	}),
	/** A name that the module has no parameter for: the load fails, or goes on with a warning. */
	unknownParameterIsIgnored: changes<boolean>('kernel/module.c unknown_module_param_cb, 3.11', {
		ldd3: false,
		'5.10': true,
	}),
	deviceNameIsArray: changes<boolean>('include/linux/device.h device.bus_id, gone in 2.6.30', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** DMA calls may be made without a device: as one that reaches 16 MiB. */
	dmaTakesNoDevice: changes<boolean>('arch/i386/kernel/pci-dma.c, asm-i386/dma-mapping.h; x86_dma_fallback_dev', {
		ldd3: true,
		'5.10': false,
	}),
	gupTakesTask: changes<boolean>('include/linux/mm.h get_user_pages(): of the current task, with flags, 4.6', {
		ldd3: true,
		'5.10': false,
	}),
	gupGivesAreas: changes<boolean>('include/linux/mm.h get_user_pages(): the vmas argument is gone in 6.5', {
		ldd3: true,
		'6.18': false,
	}),
	kiCompleteTakesTwo: changes<boolean>('include/linux/fs.h kiocb.ki_complete: one result since 5.16', {
		ldd3: true,
		'6.1': false,
	}),
	driversHaveIter: changes<boolean>('include/linux/fs.h read_iter, 3.16; aio_read is gone in 4.1', {
		ldd3: false,
		'5.10': true,
	}),
	aioMethodsTakeOneBuffer: changes<boolean>('include/linux/fs.h file_operations.aio_read: an array since 2.6.19', {
		ldd3: true,
		'2.6.32': false,
	}),
	driverIoctlTakesInode: changes<boolean>('include/linux/fs.h file_operations.ioctl, gone in 2.6.36', {
		ldd3: true,
		'3.2': false,
	}),
	driversHaveNopage: changes<boolean>('include/linux/mm.h vm_operations_struct.nopage, gone in 2.6.28', {
		ldd3: true,
		'2.6.32': false,
	}),
	fsyncTakesRange: changes<boolean>('include/linux/fs.h file_operations.fsync with a range, without dentry: 3.1', {
		ldd3: false,
		'3.2': true,
	}),
	/** Where down() says that it may sleep. */
	downMightSleepAt: changes<string | undefined>('asm-i386/semaphore.h; kernel/semaphore.c: none from 2.6.26 to 5.14', {
		ldd3: 'include/asm/semaphore.h',
		'2.6.32': undefined,
		'6.1': 'kernel/locking/semaphore.c',
	}),
	spinBugIsFatal: changes<boolean>(
		'asm-i386/spinlock.h: BUG() where the magic word is wrong; lib/spinlock_debug.c 2.6.13',
		{
			ldd3: true,
			'2.6.32': false,
		},
	),
	spinBugNamesLock: changes<boolean>('lib/spinlock_debug.c spin_dump(): %ps, 3.7', {ldd3: false, '5.10': true}),
	/** What the thread of a queue of a driver's own is called. */
	workqueueThread: changes<(name: string, isSingle: boolean, queues: number) => string>(
		'kernel/workqueue.c create_workqueue_thread(): NAME/0, NAME where there is one; the shared pools from 2.6.36 on',
		{
			ldd3: (name, isSingle) => (isSingle ? name : `${name}/0`),
			'3.2': (_name, _isSingle, queues) => `kworker/0:${queues}`,
		},
	),
	flushRunsOwnQueue: changes<boolean>('kernel/workqueue.c flush_cpu_workqueue(): by hand in its own thread, 2.6.11', {
		ldd3: true,
		'2.6.32': false,
	}),
	cancelDelayedTakesQueued: changes<boolean>('kernel/workqueue.c cancel_delayed_work(): the timer alone until 3.6', {
		ldd3: false,
		'5.10': true,
	}),
	timerFunctionTakesData: changes<boolean>('include/linux/timer.h: a timer is given itself, 4.15', {
		ldd3: true,
		'5.10': false,
	}),
	timersAreChecked: changes<boolean>('kernel/timer.c check_timer(): a magic word, gone in 2.6.15', {
		ldd3: true,
		'2.6.32': false,
	}),
	timerBugAt: changes<string>('kernel/timer.c: BUG_ON without a function, or of what is pending; kernel/time/ 3.17', {
		ldd3: 'kernel/timer.c',
		'5.10': 'kernel/time/timer.c',
	}),
	ratelimitCountsTokens: changes<boolean>('kernel/printk.c __printk_ratelimit(); lib/ratelimit.c, 2.6.26', {
		ldd3: true,
		'2.6.32': false,
	}),
	/** A level of printk is a byte and a letter, or text in angle brackets. */
	levelsAreBytes: changes<boolean>('include/linux/kern_levels.h, 3.6', {ldd3: false, '5.10': true}),
	/** A parameter of type bool is one, not an int. */
	paramBoolIsByte: changes<boolean>('kernel/params.c param_set_bool(): a bool since 2.6.33, nothing else since 3.3', {
		ldd3: false,
		'3.2': true,
	}),
	procHasOwnMethods: changes<boolean>('include/linux/proc_fs.h struct proc_ops, 5.6', {ldd3: false, '5.10': true}),
	procSaysTaken: changes<boolean>('fs/proc/generic.c proc_register(): a warning, 2.6.31', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** Whether the slack of hrtimer_start_range_ns() takes two words, in front of the mode. */
	hrtimerSlackIsU64: changes<boolean>('kernel/time/hrtimer.c, 4.6', {ldd3: false, '5.10': true}),
	/** Whether debugfs gives errors in pointers, or NULL. */
	debugfsGivesErrors: changes<boolean>('fs/debugfs/inode.c, 5.0', {ldd3: false, '5.10': true}),
	debugfsBoolIsByte: changes<boolean>('include/linux/debugfs.h debugfs_create_bool() takes a bool: 4.4', {
		ldd3: false,
		'5.10': true,
	}),
	deviceShowTakesAttribute: changes<boolean>('include/linux/device.h struct device_attribute: 2.6.13', {
		ldd3: false,
		'2.6.32': true,
	}),
	classHasOwner: changes<boolean>('include/linux/device/class.h class_create() without the owner: 6.4', {
		ldd3: true,
		'6.18': false,
	}),
	noReleaseLine: changes<(name: string) => string>('drivers/base/core.c device_release()', {
		ldd3: name => `Device '${name}' does not have a release() function, it is broken and must be fixed.`,
		'6.1': name =>
			`Device '${name}' does not have a release() function, it is broken and must be fixed. ` +
			'See Documentation/core-api/kobject.rst.',
	}),
	/** Whether a read of a file's pages looks at its size first. */
	readsStopAtSize: changes<boolean>('mm/filemap.c filemap_read(), 5.12', {ldd3: false, '6.1': true}),
	faultTakesArea: changes<boolean>('include/linux/mm.h vm_operations_struct.fault without the area: 4.11', {
		ldd3: true,
		'5.10': false,
	}),
	eipLine: changes<(at: string) => string>('arch/x86/kernel/process_32.c __show_regs(); 4.12 drops "is at"', {
		ldd3: at => `EIP is at ${at}`,
		'5.10': at => `EIP: ${at}`,
	}),
	outOfTreeModuleLine: changes<((module: string) => string) | undefined>(
		'kernel/module.c check_modinfo(), 3.15; 3.2 taints without a word',
		{
			ldd3: undefined,
			'5.10': module => `${module}: loading out-of-tree module taints kernel.`,
		},
	),
	unknownSymbolLine: changes<(symbol: string) => string>(
		'kernel/module.c simplify_symbols(): "(err 0)" 2.6.37, -2 for what is not there since 5.10',
		{
			ldd3: symbol => `Unknown symbol ${symbol}`,
			'3.2': symbol => `Unknown symbol ${symbol} (err 0)`,
			'5.10': symbol => `Unknown symbol ${symbol} (err -2)`,
		},
	),
} as const;
