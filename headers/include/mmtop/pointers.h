/* Types that structures name, which are pointers or small: they stand before mmtop/layouts.h. */
#ifndef MMTOP_MMTOP_POINTERS_H
#define MMTOP_MMTOP_POINTERS_H
typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long p4d; } p4d_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pte; } pte_t;
typedef void *fl_owner_t;

#if MMTOP_ERA >= 232
typedef struct pm_message { int event; } pm_message_t;
#else
typedef u32 pm_message_t;
#endif

typedef struct atomic atomic_t;
typedef struct spinlock spinlock_t;
typedef struct spinlock raw_spinlock_t;
typedef struct rwlock rwlock_t;
typedef struct wait_queue_head wait_queue_head_t;
typedef struct wait_queue_entry wait_queue_t;
typedef struct wait_queue_entry wait_queue_entry_t;
typedef struct poll_table_struct poll_table;
typedef void (*poll_queue_proc)(struct file *, wait_queue_head_t *, struct poll_table_struct *);
typedef unsigned long ino_t;
typedef int (*filldir_t)(void *, const char *, int, loff_t, ino_t, unsigned);

struct bus_type;
struct class;
struct dev_pm_ops;
struct dir_context;
struct file_lock;
struct files_struct;
struct kioctx;
struct kobj_type;
struct kobj_uevent_env;
struct kset;
struct pipe_inode_info;
struct super_block;
struct tty_struct;
struct vfsmount;
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
#endif
