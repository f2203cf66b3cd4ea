/* Structures that drivers and the simulated kernel share. Made from source/kernel/module/structures.ts. */
#ifndef MMTOP_LAYOUTS_H
#define MMTOP_LAYOUTS_H
#include <mmtop/types.h>

struct list_head;
struct hlist_head;
struct hlist_node;
struct rb_node;
struct rb_root;
struct atomic;
struct kref;
struct spinlock;
struct rwlock;
struct mutex;
struct semaphore;
struct rw_semaphore;
struct wait_queue_head;
struct wait_queue_entry;
struct completion;
struct timer_list;
struct work_struct;
struct delayed_work;
struct tasklet_struct;
struct hrtimer;
struct iovec;
struct kvec;
struct file_operations;
struct vm_operations_struct;
struct seq_operations;
struct proc_ops;
struct kobject;
struct kset;
struct attribute;
struct attribute_group;
struct cdev;
struct miscdevice;
struct resource;
struct kernel_param_ops;
struct kernel_param;
struct kparam_string;
struct kparam_array;
struct scatterlist;
struct sg_table;
struct pci_device_id;
struct device_driver;
struct pci_driver;
struct bus_type;
struct class;
struct device;
struct vm_fault;
struct iov_iter;
struct poll_table_struct;
struct io_event;
struct page;
struct vm_area_struct;
struct mm_struct;
struct task_struct;
struct signal_struct;
struct cred;
struct qstr;
struct dentry;
struct path;
struct address_space;
struct inode;
struct file;
struct kiocb;
struct seq_file;
struct proc_dir_entry;
struct pci_dev;
struct pci_bus;
struct module;

#include <mmtop/pointers.h>

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct atomic {
	volatile int counter;
};

struct kref {
	struct atomic refcount;
};

struct spinlock {
	unsigned int locked;
	unsigned int magic;
};

struct rwlock {
	int count;
	unsigned int magic;
};

struct mutex {
	int count;
	unsigned int magic;
	struct list_head wait_list;
	struct task_struct *owner;
};

struct semaphore {
	int count;
	unsigned int magic;
	struct list_head wait_list;
};

struct rw_semaphore {
	int count;
	unsigned int magic;
	struct list_head wait_list;
};

struct wait_queue_head {
	unsigned int magic;
	struct list_head task_list;
};

struct wait_queue_entry {
	unsigned int flags;
#if MMTOP_ERA >= 232
	void *private;
#else
	union { void *private; struct task_struct *task; };
#endif
	int (*func)(struct wait_queue_entry *, unsigned int, int, void *);
#if MMTOP_ERA >= 510
	union { struct list_head task_list; struct list_head entry; };
#else
	struct list_head task_list;
#endif
};

struct completion {
	unsigned int done;
	struct wait_queue_head wait;
};

struct timer_list {
	struct list_head entry;
	unsigned long expires;
#if MMTOP_ERA >= 510
	void (*function)(struct timer_list *);
#else
	void (*function)(unsigned long);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_data[4] __attribute__((aligned(4)));
#else
	unsigned long data;
#endif
	unsigned int flags;
	unsigned int magic;
};

struct work_struct {
	unsigned long data;
	struct list_head entry;
#if MMTOP_ERA >= 232
	void (*func)(struct work_struct *);
#else
	void (*func)(void *);
#endif
	void *arg;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;
	struct atomic count;
	int use_callback;
#if MMTOP_ERA >= 510
	union { void (*func)(unsigned long); void (*callback)(struct tasklet_struct *); };
#else
	void (*func)(unsigned long);
#endif
	unsigned long data;
};

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *);
	long long expires;
	unsigned int state;
	int clock;
};

struct iovec {
	void *iov_base;
	unsigned int iov_len;
};

struct kvec {
	void *iov_base;
	unsigned int iov_len;
};

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *, loff_t, int);
	ssize_t (*read)(struct file *, char *, size_t, loff_t *);
	ssize_t (*write)(struct file *, const char *, size_t, loff_t *);
#if MMTOP_ERA >= 510
	ssize_t (*read_iter)(struct kiocb *, struct iov_iter *);
#else
	unsigned char _no_read_iter[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	ssize_t (*write_iter)(struct kiocb *, struct iov_iter *);
#else
	unsigned char _no_write_iter[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_aio_read[4] __attribute__((aligned(4)));
#elif MMTOP_ERA >= 232
	ssize_t (*aio_read)(struct kiocb *, const struct iovec *, unsigned long, loff_t);
#else
	ssize_t (*aio_read)();
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_aio_write[4] __attribute__((aligned(4)));
#elif MMTOP_ERA >= 232
	ssize_t (*aio_write)(struct kiocb *, const struct iovec *, unsigned long, loff_t);
#else
	ssize_t (*aio_write)();
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_aio_fsync[4] __attribute__((aligned(4)));
#else
	int (*aio_fsync)(struct kiocb *, int);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_readdir[4] __attribute__((aligned(4)));
#else
	int (*readdir)(struct file *, void *, filldir_t);
#endif
#if MMTOP_ERA >= 510
	int (*iterate_shared)(struct file *, struct dir_context *);
#else
	unsigned char _no_iterate_shared[4] __attribute__((aligned(4)));
#endif
	unsigned int (*poll)(struct file *, struct poll_table_struct *);
#if MMTOP_ERA >= 302
	unsigned char _no_ioctl[4] __attribute__((aligned(4)));
#else
	int (*ioctl)(struct inode *, struct file *, unsigned int, unsigned long);
#endif
	long (*unlocked_ioctl)(struct file *, unsigned int, unsigned long);
	long (*compat_ioctl)(struct file *, unsigned int, unsigned long);
	int (*mmap)(struct file *, struct vm_area_struct *);
	int (*open)(struct inode *, struct file *);
#if MMTOP_ERA >= 232
	int (*flush)(struct file *, fl_owner_t);
#else
	int (*flush)(struct file *);
#endif
	int (*release)(struct inode *, struct file *);
#if MMTOP_ERA >= 302
	int (*fsync)(struct file *, loff_t, loff_t, int);
#else
	int (*fsync)(struct file *, struct dentry *, int);
#endif
	int (*fasync)(int, struct file *, int);
	int (*lock)(struct file *, int, struct file_lock *);
#if MMTOP_ERA >= 232
	unsigned char _no_readv[4] __attribute__((aligned(4)));
#else
	ssize_t (*readv)(struct file *, const struct iovec *, unsigned long, loff_t *);
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_writev[4] __attribute__((aligned(4)));
#else
	ssize_t (*writev)(struct file *, const struct iovec *, unsigned long, loff_t *);
#endif
	unsigned long (*get_unmapped_area)(struct file *, unsigned long, unsigned long, unsigned long, unsigned long);
	int (*check_flags)(int);
#if MMTOP_ERA >= 232
	ssize_t (*splice_read)(struct file *, loff_t *, struct pipe_inode_info *, size_t, unsigned int);
#else
	unsigned char _no_splice_read[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 232
	ssize_t (*splice_write)(struct pipe_inode_info *, struct file *, loff_t *, size_t, unsigned int);
#else
#endif
};

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *);
	void (*close)(struct vm_area_struct *);
#if MMTOP_ERA >= 510
	int (*mremap)(struct vm_area_struct *);
#else
	unsigned char _no_mremap[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	vm_fault_t (*fault)(struct vm_fault *);
#else
	int (*fault)(struct vm_area_struct *, struct vm_fault *);
#endif
#if MMTOP_ERA >= 510
	vm_fault_t (*page_mkwrite)(struct vm_fault *);
#else
	int (*page_mkwrite)(struct vm_area_struct *, struct vm_fault *);
#endif
#if MMTOP_ERA >= 510
	vm_fault_t (*pfn_mkwrite)(struct vm_fault *);
#else
	unsigned char _no_pfn_mkwrite[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	vm_fault_t (*map_pages)(struct vm_fault *, unsigned long, unsigned long);
#else
	unsigned char _no_map_pages[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_nopage[4] __attribute__((aligned(4)));
#else
	struct page *(*nopage)(struct vm_area_struct *, unsigned long, int *);
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_populate[4] __attribute__((aligned(4)));
#else
	int (*populate)(struct vm_area_struct *, unsigned long, unsigned long, pgprot_t, unsigned long, int);
#endif
#if MMTOP_ERA >= 232
	int (*access)(struct vm_area_struct *, unsigned long, void *, int, int);
#else
#endif
};

struct seq_operations {
	void *(*start)(struct seq_file *, loff_t *);
	void (*stop)(struct seq_file *, void *);
	void *(*next)(struct seq_file *, void *, loff_t *);
	int (*show)(struct seq_file *, void *);
};

struct proc_ops {
	unsigned int proc_flags;
	int (*proc_open)(struct inode *, struct file *);
	ssize_t (*proc_read)(struct file *, char *, size_t, loff_t *);
	ssize_t (*proc_read_iter)(struct kiocb *, struct iov_iter *);
	ssize_t (*proc_write)(struct file *, const char *, size_t, loff_t *);
	loff_t (*proc_lseek)(struct file *, loff_t, int);
	int (*proc_release)(struct inode *, struct file *);
	unsigned int (*proc_poll)(struct file *, struct poll_table_struct *);
	long (*proc_ioctl)(struct file *, unsigned int, unsigned long);
	int (*proc_mmap)(struct file *, struct vm_area_struct *);
	long (*proc_compat_ioctl)(struct file *, unsigned int, unsigned long);
	unsigned long (*proc_get_unmapped_area)(struct file *, unsigned long, unsigned long, unsigned long, unsigned long);
};

struct kobject {
	const char *name;
	struct list_head entry;
	struct kobject *parent;
	struct kset *kset;
#if MMTOP_ERA >= 601
	const struct kobj_type *ktype;
#else
	struct kobj_type *ktype;
#endif
	struct kref kref;
	unsigned int state;
};

struct kset {
	struct list_head list;
	struct kobject kobj;
};

struct attribute {
	const char *name;
#if MMTOP_ERA >= 302
	unsigned char _no_owner[4] __attribute__((aligned(4)));
#else
	struct module *owner;
#endif
	unsigned short mode;
};

struct attribute_group {
	const char *name;
	struct attribute **attrs;
};

struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	dev_t dev;
	unsigned int count;
};

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
#if MMTOP_ERA >= 510
	const struct attribute_group **groups;
#else
	unsigned char _no_groups[4] __attribute__((aligned(4)));
#endif
	const char *nodename;
	unsigned short mode;
};

struct resource {
	resource_size_t start;
	resource_size_t end;
	const char *name;
	unsigned long flags;
	struct resource *parent;
	struct resource *sibling;
	struct resource *child;
};

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *, const struct kernel_param *);
	int (*get)(char *, const struct kernel_param *);
	void (*free)(void *);
};

struct kernel_param {
	const char *name;
	struct module *mod;
	const struct kernel_param_ops *ops;
	unsigned short perm;
	signed char level;
	unsigned char flags;
	union { void *arg; const struct kparam_string *str; const struct kparam_array *arr; };
	const char *type;
	void *set;
	void *get;
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max;
	unsigned int elemsize;
	unsigned int *num;
	void *elem;
};

struct scatterlist {
#if MMTOP_ERA >= 232
	unsigned long page_link;
#else
	union { unsigned long page_link; struct page *page; };
#endif
	unsigned int offset;
	unsigned int length;
	dma_addr_t dma_address;
	unsigned int dma_length;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents;
	unsigned int orig_nents;
};

struct pci_device_id {
	__u32 vendor;
	__u32 device;
	__u32 subvendor;
	__u32 subdevice;
	__u32 class;
	__u32 class_mask;
	unsigned long driver_data;
};

struct device_driver {
	const char *name;
#if MMTOP_ERA >= 618
	const struct bus_type *bus;
#else
	struct bus_type *bus;
#endif
	struct module *owner;
	const char *mod_name;
	struct kobject kobj;
	int (*probe)(struct device *);
	int (*remove)(struct device *);
	void (*shutdown)(struct device *);
	int (*suspend)(struct device *, pm_message_t);
	int (*resume)(struct device *);
	const struct attribute_group **groups;
	const struct dev_pm_ops *pm;
	const void *of_match_table;
	void *p;
};

struct pci_driver {
	struct list_head node;
	const char *name;
	const struct pci_device_id *id_table;
	int (*probe)(struct pci_dev *, const struct pci_device_id *);
	void (*remove)(struct pci_dev *);
	int (*suspend)(struct pci_dev *, pm_message_t);
	int (*resume)(struct pci_dev *);
	void (*shutdown)(struct pci_dev *);
	struct device_driver driver;
};

struct bus_type {
	const char *name;
	const char *dev_name;
#if MMTOP_ERA >= 618
	int (*match)(struct device *, const struct device_driver *);
#else
	int (*match)(struct device *, struct device_driver *);
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_hotplug[4] __attribute__((aligned(4)));
#else
	int (*hotplug)(struct device *, char **, int, char *, int);
#endif
#if MMTOP_ERA >= 618
	int (*uevent)(const struct device *, struct kobj_uevent_env *);
#elif MMTOP_ERA >= 232
	int (*uevent)(struct device *, struct kobj_uevent_env *);
#else
	unsigned char _no_uevent[4] __attribute__((aligned(4)));
#endif
	int (*probe)(struct device *);
#if MMTOP_ERA >= 601
	void (*remove)(struct device *);
#else
	int (*remove)(struct device *);
#endif
	void (*shutdown)(struct device *);
	int (*suspend)(struct device *, pm_message_t);
	int (*resume)(struct device *);
#if MMTOP_ERA >= 510
	const struct attribute_group **bus_groups;
#else
	unsigned char _no_bus_groups[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	const struct attribute_group **dev_groups;
#else
	unsigned char _no_dev_groups[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	const struct attribute_group **drv_groups;
#else
	unsigned char _no_drv_groups[4] __attribute__((aligned(4)));
#endif
	void *p;
};

struct class {
	const char *name;
#if MMTOP_ERA >= 618
	unsigned char _no_owner[4] __attribute__((aligned(4)));
#else
	struct module *owner;
#endif
#if MMTOP_ERA >= 510
	const struct attribute_group **class_groups;
#else
	unsigned char _no_class_groups[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	const struct attribute_group **dev_groups;
#else
	unsigned char _no_dev_groups[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 618
	int (*dev_uevent)(const struct device *, struct kobj_uevent_env *);
#elif MMTOP_ERA >= 232
	int (*dev_uevent)(struct device *, struct kobj_uevent_env *);
#else
	unsigned char _no_dev_uevent[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 618
	char *(*devnode)(const struct device *, umode_t *);
#elif MMTOP_ERA >= 232
	char *(*devnode)(struct device *, umode_t *);
#else
	unsigned char _no_devnode[4] __attribute__((aligned(4)));
#endif
	void *p;
};

struct device {
	struct device *parent;
	struct kobject kobj;
#if MMTOP_ERA >= 232
	unsigned char _no_bus_id[20] __attribute__((aligned(1)));
#else
	char bus_id[20];
#endif
	const char *init_name;
#if MMTOP_ERA >= 618
	const struct bus_type *bus;
#else
	struct bus_type *bus;
#endif
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	__u64 *dma_mask;
	__u64 coherent_dma_mask;
	void *dma_parms;
	void *of_node;
	dev_t devt;
	unsigned int id;
#if MMTOP_ERA >= 618
	const struct class *class;
#else
	struct class *class;
#endif
	const struct attribute_group **groups;
	void (*release)(struct device *);
	void *p;
};

struct vm_fault {
#if MMTOP_ERA >= 510
	struct vm_area_struct *vma;
#else
	unsigned char _no_vma[4] __attribute__((aligned(4)));
#endif
	unsigned int flags;
	unsigned long pgoff;
#if MMTOP_ERA >= 510
	unsigned long address;
#else
	union { void *virtual_address; unsigned long address; };
#endif
	struct page *page;
#if MMTOP_ERA >= 510
	struct page *cow_page;
#else
	unsigned char _no_cow_page[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	gfp_t gfp_mask;
#else
	unsigned char _no_gfp_mask[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	void *pmd;
#else
	unsigned char _no_pmd[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	void *pte;
#else
#endif
};

struct iov_iter {
	int type;
	_Bool data_source;
	size_t iov_offset;
	size_t count;
	const struct iovec *iov;
	unsigned long nr_segs;
};

struct poll_table_struct {
	poll_queue_proc _qproc;
	unsigned long _key;
};

struct io_event {
	__u64 data;
	__u64 obj;
	__s64 res;
	__s64 res2;
};

struct page {
	unsigned long flags;
#if MMTOP_ERA >= 510
	union { struct atomic _count; struct atomic _refcount; };
#else
	struct atomic _count;
#endif
	struct atomic _mapcount;
	unsigned long private;
	struct address_space *mapping;
	unsigned long index;
	struct list_head lru;
#if MMTOP_ERA >= 510
	unsigned long memcg[2];
#else
#endif
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;
#if MMTOP_ERA >= 618
	const unsigned long vm_flags;
#else
	unsigned long vm_flags;
#endif
	const struct vm_operations_struct *vm_ops;
	unsigned long vm_pgoff;
	struct file *vm_file;
	void *vm_private_data;
#if MMTOP_ERA >= 601
	unsigned char _no_vm_next[4] __attribute__((aligned(4)));
#else
	struct vm_area_struct *vm_next;
#endif
#if MMTOP_ERA >= 601
	unsigned char _no_vm_prev[4] __attribute__((aligned(4)));
#elif MMTOP_ERA >= 302
	struct vm_area_struct *vm_prev;
#else
	unsigned char _no_vm_prev[4] __attribute__((aligned(4)));
#endif
	void *anon_vma;
};

struct mm_struct {
#if MMTOP_ERA >= 601
	unsigned char _no_mmap[4] __attribute__((aligned(4)));
#else
	struct vm_area_struct *mmap;
#endif
	pgd_t *pgd;
	struct atomic mm_users;
	struct atomic mm_count;
	int map_count;
	struct spinlock page_table_lock;
#if MMTOP_ERA >= 510
	unsigned char _no_mmap_sem[16] __attribute__((aligned(4)));
#else
	struct rw_semaphore mmap_sem;
#endif
#if MMTOP_ERA >= 510
	struct rw_semaphore mmap_lock;
#else
	unsigned char _no_mmap_lock[16] __attribute__((aligned(4)));
#endif
	unsigned long mmap_base;
	unsigned long task_size;
	unsigned long start_code;
	unsigned long end_code;
	unsigned long start_data;
	unsigned long end_data;
	unsigned long start_brk;
	unsigned long brk;
	unsigned long start_stack;
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	unsigned long total_vm;
	unsigned long locked_vm;
	unsigned long def_flags;
};

struct task_struct {
#if MMTOP_ERA >= 601
	unsigned char _no_state[4] __attribute__((aligned(4)));
#else
	volatile long state;
#endif
#if MMTOP_ERA >= 601
	unsigned int __state;
#else
	unsigned char _no___state[4] __attribute__((aligned(4)));
#endif
	unsigned int flags;
	pid_t pid;
	pid_t tgid;
	char comm[16];
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	struct task_struct *parent;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct files_struct *files;
#if MMTOP_ERA >= 232
	unsigned char _no_uid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t uid;
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_euid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t euid;
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_gid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t gid;
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_egid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t egid;
#endif
#if MMTOP_ERA >= 232
	const struct cred *cred;
#else
	unsigned char _no_cred[4] __attribute__((aligned(4)));
#endif
	struct signal_struct *signal;
	int prio;
	int static_prio;
	int exit_code;
	int on_cpu;
};

struct signal_struct {
	struct tty_struct *tty;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
};

struct qstr {
	const unsigned char *name;
	unsigned int len;
	unsigned int hash;
};

struct dentry {
	struct inode *d_inode;
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
	void *d_fsdata;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct address_space {
	struct inode *host;
	const void *a_ops;
	unsigned long nrpages;
	unsigned long flags;
};

struct inode {
	umode_t i_mode;
	unsigned short i_opflags;
	unsigned long i_ino;
	dev_t i_rdev;
	loff_t i_size;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_nlink;
	unsigned long i_blocks;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	const struct file_operations *i_fop;
	const void *i_op;
	struct cdev *i_cdev;
	void *i_private;
#if MMTOP_ERA >= 232
	unsigned char _no_i_sem[16] __attribute__((aligned(4)));
#else
	struct semaphore i_sem;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_i_mutex[20] __attribute__((aligned(4)));
#elif MMTOP_ERA >= 232
	struct mutex i_mutex;
#else
	unsigned char _no_i_mutex[20] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	struct rw_semaphore i_rwsem;
#else
#endif
};

struct file {
	const struct file_operations *f_op;
	unsigned int f_flags;
	unsigned int f_mode;
	loff_t f_pos;
	void *private_data;
#if MMTOP_ERA >= 510
	struct inode *f_inode;
#else
	unsigned char _no_f_inode[4] __attribute__((aligned(4)));
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_f_dentry[4] __attribute__((aligned(4)));
#else
	struct dentry *f_dentry;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_f_vfsmnt[4] __attribute__((aligned(4)));
#else
	struct vfsmount *f_vfsmnt;
#endif
#if MMTOP_ERA >= 232
	struct path f_path;
#else
	unsigned char _no_f_path[8] __attribute__((aligned(4)));
#endif
	struct address_space *f_mapping;
	struct atomic f_count;
	unsigned long f_version;
#if MMTOP_ERA >= 232
	const struct cred *f_cred;
#else
#endif
};

struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
#if MMTOP_ERA >= 601
	void (*ki_complete)(struct kiocb *, long);
#elif MMTOP_ERA >= 510
	void (*ki_complete)();
#else
	unsigned char _no_ki_complete[4] __attribute__((aligned(4)));
#endif
	void *private;
	int ki_flags;
#if MMTOP_ERA >= 510
	unsigned char _no_ki_key[4] __attribute__((aligned(4)));
#else
	unsigned int ki_key;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_users[4] __attribute__((aligned(4)));
#else
	int ki_users;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_ctx[4] __attribute__((aligned(4)));
#else
	struct kioctx *ki_ctx;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_cancel[4] __attribute__((aligned(4)));
#else
	int (*ki_cancel)(struct kiocb *, struct io_event *);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_retry[4] __attribute__((aligned(4)));
#else
	ssize_t (*ki_retry)(struct kiocb *);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_dtor[4] __attribute__((aligned(4)));
#else
	void (*ki_dtor)(struct kiocb *);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_opcode[2] __attribute__((aligned(2)));
#else
	unsigned short ki_opcode;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_obj[4] __attribute__((aligned(4)));
#else
	union { void *user; struct task_struct *tsk; } ki_obj;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_user_data[8] __attribute__((aligned(4)));
#else
	__u64 ki_user_data;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_nbytes[4] __attribute__((aligned(4)));
#else
	size_t ki_nbytes;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_left[4] __attribute__((aligned(4)));
#else
	size_t ki_left;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_buf[4] __attribute__((aligned(4)));
#else
	char *ki_buf;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_iovec[4] __attribute__((aligned(4)));
#else
	struct iovec *ki_iovec;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_ki_nr_segs[4] __attribute__((aligned(4)));
#else
	unsigned long ki_nr_segs;
#endif
#if MMTOP_ERA >= 510
#else
	unsigned long ki_cur_seg;
#endif
};

struct seq_file {
	char *buf;
	size_t size;
	size_t from;
	size_t count;
	loff_t index;
	__u64 version;
	const struct seq_operations *op;
	void *private;
#if MMTOP_ERA >= 510
	const struct file *file;
#else
#endif
};

struct proc_dir_entry {
#if MMTOP_ERA >= 510
	unsigned char _no_data[4] __attribute__((aligned(4)));
#else
	void *data;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_read_proc[4] __attribute__((aligned(4)));
#else
	int (*read_proc)(char *, char **, off_t, int, int *, void *);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_write_proc[4] __attribute__((aligned(4)));
#else
	int (*write_proc)(struct file *, const char *, unsigned long, void *);
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_proc_fops[4] __attribute__((aligned(4)));
#else
	const struct file_operations *proc_fops;
#endif
#if MMTOP_ERA >= 232
	unsigned char _no_owner[4] __attribute__((aligned(4)));
#else
	struct module *owner;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_size[8] __attribute__((aligned(4)));
#else
	loff_t size;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_mode[2] __attribute__((aligned(2)));
#else
	umode_t mode;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_nlink[2] __attribute__((aligned(2)));
#else
	unsigned short nlink;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_uid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t uid;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_gid[4] __attribute__((aligned(4)));
#else
	__kernel_uid_t gid;
#endif
#if MMTOP_ERA >= 510
	unsigned char _no_name[4] __attribute__((aligned(4)));
#else
	const char *name;
#endif
#if MMTOP_ERA >= 510
#else
	struct proc_dir_entry *parent;
#endif
};

struct pci_dev {
	unsigned short vendor;
	unsigned short device;
	unsigned short subsystem_vendor;
	unsigned short subsystem_device;
	unsigned int class;
	unsigned char revision;
	unsigned char hdr_type;
	unsigned char pin;
	unsigned int irq;
	unsigned int devfn;
	struct pci_bus *bus;
	struct pci_driver *driver;
	__u64 dma_mask;
	struct resource resource[7];
	struct device dev;
};

struct pci_bus {
	unsigned char number;
	struct pci_dev *self;
	struct pci_bus *parent;
};

struct module {
	int state;
	char name[60];
	struct list_head list;
	const char *version;
};

#endif
