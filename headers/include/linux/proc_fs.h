#ifndef MMTOP_LINUX_PROC_FS_H
#define MMTOP_LINUX_PROC_FS_H
#include <linux/types.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
typedef int (read_proc_t)(char *page, char **start, off_t offset, int count, int *eof, void *data);
typedef int (write_proc_t)(struct file *file, const char __user *from, unsigned long count, void *data);
extern struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
extern struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent, const char *to);
extern void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
#if MMTOP_ERA < 510
extern struct proc_dir_entry *create_proc_entry(const char *name, mode_t mode, struct proc_dir_entry *parent);
extern struct proc_dir_entry *create_proc_read_entry(const char *name, mode_t mode, struct proc_dir_entry *parent,
						     read_proc_t *read, void *data);
#define PDE(inode) ((struct proc_dir_entry *)(inode)->i_private)
#endif
#if MMTOP_ERA >= 232 && MMTOP_ERA < 510
extern struct proc_dir_entry *proc_create(const char *name, mode_t mode, struct proc_dir_entry *parent,
					  const struct file_operations *fops);
extern struct proc_dir_entry *proc_create_data(const char *name, mode_t mode, struct proc_dir_entry *parent,
					       const struct file_operations *fops, void *data);
#endif
#if MMTOP_ERA >= 510
/* Files of /proc have methods of their own since 5.6. */
extern struct proc_dir_entry *proc_create(const char *name, umode_t mode, struct proc_dir_entry *parent,
					  const struct proc_ops *ops);
extern struct proc_dir_entry *proc_create_data(const char *name, umode_t mode, struct proc_dir_entry *parent,
					       const struct proc_ops *ops, void *data);
extern struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode, struct proc_dir_entry *parent,
						      int (*show)(struct seq_file *, void *), void *data);
#define proc_create_single(name, mode, parent, show) proc_create_single_data((name), (mode), (parent), (show), NULL)
extern struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode, struct proc_dir_entry *parent,
						      const struct seq_operations *ops, unsigned int size, void *data);
#define proc_create_seq_data(name, mode, parent, ops, data) proc_create_seq_private((name), (mode), (parent), (ops), 0, (data))
#define proc_create_seq(name, mode, parent, ops) proc_create_seq_private((name), (mode), (parent), (ops), 0, NULL)
extern void proc_remove(struct proc_dir_entry *entry);
extern int remove_proc_subtree(const char *name, struct proc_dir_entry *parent);
extern void proc_set_size(struct proc_dir_entry *entry, loff_t size);
#include <linux/uidgid.h>
extern void proc_set_user(struct proc_dir_entry *entry, kuid_t user, kgid_t group);
extern void *_mmtop_pde_data(const struct inode *inode);
#if MMTOP_ERA >= 601
#define pde_data(inode) _mmtop_pde_data(inode)
#else
#define PDE_DATA(inode) _mmtop_pde_data(inode)
#endif
#endif
#include <mmtop/common.h>
#endif
