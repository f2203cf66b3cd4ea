#ifndef MMTOP_LINUX_FS_H
#define MMTOP_LINUX_FS_H
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/ioctl.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/wait.h>
#include <linux/uidgid.h>
#include <linux/limits.h>
#include <linux/dcache.h>
#include <linux/rbtree.h>
#include <linux/mm_types.h>
#define FMODE_READ 1
#define FMODE_WRITE 2
#define READ 0
#define WRITE 1
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define FS_REQUIRES_DEV 1
#define POLL_IN 0x20001
#define POLL_OUT 0x20002
struct fasync_struct;
#if MMTOP_ERA >= 232
#define iminor(inode) MINOR((inode)->i_rdev)
#define imajor(inode) MAJOR((inode)->i_rdev)
#else
static inline unsigned int iminor(const struct inode *inode) { return MINOR(inode->i_rdev); }
static inline unsigned int imajor(const struct inode *inode) { return MAJOR(inode->i_rdev); }
#endif
#if MMTOP_ERA >= 510
#define is_sync_kiocb(iocb) ((iocb)->ki_complete == NULL)
#define file_inode(file) ((file)->f_inode)
#define file_dentry(file) ((file)->f_path.dentry)
#define inode_lock(inode) down_write(&(inode)->i_rwsem)
#define inode_unlock(inode) up_write(&(inode)->i_rwsem)
#endif
#define i_size_read(inode) ((inode)->i_size)
#define i_size_write(inode, size) ((inode)->i_size = (size))
extern int register_chrdev(unsigned int major, const char *name, const struct file_operations *fops);
#if MMTOP_ERA >= 232
extern void unregister_chrdev(unsigned int major, const char *name);
#else
extern int unregister_chrdev(unsigned int major, const char *name);
#endif
extern int register_chrdev_region(dev_t first, unsigned int count, const char *name);
extern int alloc_chrdev_region(dev_t *first, unsigned int minor, unsigned int count, const char *name);
extern void unregister_chrdev_region(dev_t first, unsigned int count);
extern int nonseekable_open(struct inode *inode, struct file *file);
#if MMTOP_ERA >= 510
extern int simple_open(struct inode *inode, struct file *file);
#endif
#define stream_open(inode, file) nonseekable_open((inode), (file))
#if MMTOP_ERA >= 510
extern ssize_t generic_file_read_iter(struct kiocb *iocb, struct iov_iter *to);
extern ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from);
#endif
extern loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
extern loff_t default_llseek(struct file *file, loff_t offset, int whence);
extern loff_t noop_llseek(struct file *file, loff_t offset, int whence);
extern loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size);
#if MMTOP_ERA < 618
extern loff_t no_llseek(struct file *file, loff_t offset, int whence);
#endif
extern ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *pos, const void *from, size_t available);
extern ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *pos, const void __user *from, size_t count);
extern int fasync_helper(int fd, struct file *file, int on, struct fasync_struct **list);
extern void kill_fasync(struct fasync_struct **list, int signal, int band);
extern struct file *fget(unsigned int fd);
extern void fput(struct file *file);
#define fops_get(fops) (fops)
#define fops_put(fops) do { } while (0)
#define replace_fops(file, fops) ((file)->f_op = (fops))
extern struct file *filp_open(const char *path, int flags, int mode);
extern int filp_close(struct file *file, fl_owner_t owner);
extern char *file_path(struct file *file, char *buffer, int length);
extern char *d_path(const struct path *path, char *buffer, int length);
#include <mmtop/common.h>
#endif
