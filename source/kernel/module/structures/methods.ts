/** Tables of methods that a driver gives the kernel. */
import type {Structure} from './field.ts';

export const methods = {
	file_operations: {
		owner: 'struct module *',
		llseek: 'loff_t (*$)(struct file *, loff_t, int)',
		read: 'ssize_t (*$)(struct file *, char *, size_t, loff_t *)',
		write: 'ssize_t (*$)(struct file *, const char *, size_t, loff_t *)',
		read_iter: {ldd3: null, '5.10': 'ssize_t (*$)(struct kiocb *, struct iov_iter *)'},
		write_iter: {ldd3: null, '5.10': 'ssize_t (*$)(struct kiocb *, struct iov_iter *)'},
		// 2.6.11 gives a buffer and a count, 2.6.19 an array of iovecs. In ldd3 both the book's drivers and those of
		// the labs can be compiled: the debug information says which one a function is.
		aio_read: {
			ldd3: 'ssize_t (*$)()',
			'2.6.32': 'ssize_t (*$)(struct kiocb *, const struct iovec *, unsigned long, loff_t)',
			'5.10': null,
		},
		aio_write: {
			ldd3: 'ssize_t (*$)()',
			'2.6.32': 'ssize_t (*$)(struct kiocb *, const struct iovec *, unsigned long, loff_t)',
			'5.10': null,
		},
		aio_fsync: {ldd3: 'int (*$)(struct kiocb *, int)', '5.10': null},
		readdir: {ldd3: 'int (*$)(struct file *, void *, filldir_t)', '5.10': null},
		iterate_shared: {ldd3: null, '5.10': 'int (*$)(struct file *, struct dir_context *)'},
		poll: 'unsigned int (*$)(struct file *, struct poll_table_struct *)',
		ioctl: {ldd3: 'int (*$)(struct inode *, struct file *, unsigned int, unsigned long)', '3.2': null},
		unlocked_ioctl: 'long (*$)(struct file *, unsigned int, unsigned long)',
		compat_ioctl: 'long (*$)(struct file *, unsigned int, unsigned long)',
		mmap: 'int (*$)(struct file *, struct vm_area_struct *)',
		open: 'int (*$)(struct inode *, struct file *)',
		flush: {ldd3: 'int (*$)(struct file *)', '2.6.32': 'int (*$)(struct file *, fl_owner_t)'},
		release: 'int (*$)(struct inode *, struct file *)',
		fsync: {
			ldd3: 'int (*$)(struct file *, struct dentry *, int)',
			'3.2': 'int (*$)(struct file *, loff_t, loff_t, int)',
		},
		fasync: 'int (*$)(int, struct file *, int)',
		lock: 'int (*$)(struct file *, int, struct file_lock *)',
		readv: {
			ldd3: 'ssize_t (*$)(struct file *, const struct iovec *, unsigned long, loff_t *)',
			'2.6.32': null,
		},
		writev: {
			ldd3: 'ssize_t (*$)(struct file *, const struct iovec *, unsigned long, loff_t *)',
			'2.6.32': null,
		},
		get_unmapped_area: 'unsigned long (*$)(struct file *, unsigned long, unsigned long, unsigned long, unsigned long)',
		check_flags: 'int (*$)(int)',
		splice_read: {
			ldd3: null,
			'2.6.32': 'ssize_t (*$)(struct file *, loff_t *, struct pipe_inode_info *, size_t, unsigned int)',
		},
		splice_write: {
			ldd3: null,
			'2.6.32': 'ssize_t (*$)(struct pipe_inode_info *, struct file *, loff_t *, size_t, unsigned int)',
		},
	},
	vm_operations_struct: {
		open: 'void (*$)(struct vm_area_struct *)',
		close: 'void (*$)(struct vm_area_struct *)',
		mremap: {ldd3: null, '5.10': 'int (*$)(struct vm_area_struct *)'},
		fault: {
			ldd3: 'int (*$)(struct vm_area_struct *, struct vm_fault *)',
			'5.10': 'vm_fault_t (*$)(struct vm_fault *)',
		},
		page_mkwrite: {
			ldd3: 'int (*$)(struct vm_area_struct *, struct vm_fault *)',
			'5.10': 'vm_fault_t (*$)(struct vm_fault *)',
		},
		pfn_mkwrite: {ldd3: null, '5.10': 'vm_fault_t (*$)(struct vm_fault *)'},
		map_pages: {ldd3: null, '5.10': 'vm_fault_t (*$)(struct vm_fault *, unsigned long, unsigned long)'},
		nopage: {ldd3: 'struct page *(*$)(struct vm_area_struct *, unsigned long, int *)', '2.6.32': null},
		populate: {
			ldd3: 'int (*$)(struct vm_area_struct *, unsigned long, unsigned long, pgprot_t, unsigned long, int)',
			'2.6.32': null,
		},
		access: {ldd3: null, '2.6.32': 'int (*$)(struct vm_area_struct *, unsigned long, void *, int, int)'},
	},
	seq_operations: {
		start: 'void *(*$)(struct seq_file *, loff_t *)',
		stop: 'void (*$)(struct seq_file *, void *)',
		next: 'void *(*$)(struct seq_file *, void *, loff_t *)',
		show: 'int (*$)(struct seq_file *, void *)',
	},
	proc_ops: {
		proc_flags: 'unsigned int',
		proc_open: 'int (*$)(struct inode *, struct file *)',
		proc_read: 'ssize_t (*$)(struct file *, char *, size_t, loff_t *)',
		proc_read_iter: 'ssize_t (*$)(struct kiocb *, struct iov_iter *)',
		proc_write: 'ssize_t (*$)(struct file *, const char *, size_t, loff_t *)',
		proc_lseek: 'loff_t (*$)(struct file *, loff_t, int)',
		proc_release: 'int (*$)(struct inode *, struct file *)',
		proc_poll: 'unsigned int (*$)(struct file *, struct poll_table_struct *)',
		proc_ioctl: 'long (*$)(struct file *, unsigned int, unsigned long)',
		proc_mmap: 'int (*$)(struct file *, struct vm_area_struct *)',
		proc_compat_ioctl: 'long (*$)(struct file *, unsigned int, unsigned long)',
		proc_get_unmapped_area:
			'unsigned long (*$)(struct file *, unsigned long, unsigned long, unsigned long, unsigned long)',
	},
} as const satisfies Readonly<Record<string, Structure>>;
