/** Lists, locks, and what waits or runs later: bytes in RAM that a driver owns. */
import type {Structure} from './field.ts';

export const basic = {
	list_head: {next: 'struct list_head *', prev: 'struct list_head *'},
	hlist_head: {first: 'struct hlist_node *'},
	hlist_node: {next: 'struct hlist_node *', pprev: 'struct hlist_node **'},
	rb_node: {
		__rb_parent_color: 'unsigned long',
		rb_right: 'struct rb_node *',
		rb_left: 'struct rb_node *',
	},
	rb_root: {rb_node: 'struct rb_node *'},
	atomic: {counter: 'volatile int'},
	kref: {refcount: 'struct atomic'},
	// Locks carry a word that tells an initialized one, as CONFIG_DEBUG_SPINLOCK has it.
	spinlock: {locked: 'unsigned int', magic: 'unsigned int'},
	rwlock: {count: 'int', magic: 'unsigned int'},
	mutex: {count: 'int', magic: 'unsigned int', wait_list: 'struct list_head', owner: 'struct task_struct *'},
	semaphore: {count: 'int', magic: 'unsigned int', wait_list: 'struct list_head'},
	rw_semaphore: {count: 'int', magic: 'unsigned int', wait_list: 'struct list_head'},
	wait_queue_head: {magic: 'unsigned int', task_list: 'struct list_head'},
	wait_queue_entry: {
		flags: 'unsigned int',
		private: {ldd3: 'union { void *$; struct task_struct *task; }', '2.6.32': 'void *'},
		func: 'int (*$)(struct wait_queue_entry *, unsigned int, int, void *)',
		task_list: {ldd3: 'struct list_head', '5.10': 'union { struct list_head $; struct list_head entry; }'},
	},
	completion: {done: 'unsigned int', wait: 'struct wait_queue_head'},
	timer_list: {
		entry: 'struct list_head',
		expires: 'unsigned long',
		function: {ldd3: 'void (*$)(unsigned long)', '5.10': 'void (*$)(struct timer_list *)'},
		data: {ldd3: 'unsigned long', '5.10': null},
		flags: 'unsigned int',
		magic: 'unsigned int',
	},
	// The kernel calls func(arg). Only 2.6.11 lets a driver say what arg is; later it is the work itself.
	work_struct: {
		data: 'unsigned long',
		entry: 'struct list_head',
		func: {ldd3: 'void (*$)(void *)', '2.6.32': 'void (*$)(struct work_struct *)'},
		arg: 'void *',
	},
	// The kernel keeps the timer of its own: in 2.6.11 a work_struct alone may be delayed.
	delayed_work: {work: 'struct work_struct', timer: 'struct timer_list'},
	tasklet_struct: {
		next: 'struct tasklet_struct *',
		state: 'unsigned long',
		count: 'struct atomic',
		use_callback: 'int',
		func: {
			ldd3: 'void (*$)(unsigned long)',
			'5.10': 'union { void (*$)(unsigned long); void (*callback)(struct tasklet_struct *); }',
		},
		data: 'unsigned long',
	},
	hrtimer: {
		function: 'enum hrtimer_restart (*$)(struct hrtimer *)',
		expires: 'long long',
		state: 'unsigned int',
		clock: 'int',
	},
	iovec: {iov_base: 'void *', iov_len: 'unsigned int'},
	kvec: {iov_base: 'void *', iov_len: 'unsigned int'},
} as const satisfies Readonly<Record<string, Structure>>;
