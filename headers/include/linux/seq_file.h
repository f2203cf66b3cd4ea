#ifndef MMTOP_LINUX_SEQ_FILE_H
#define MMTOP_LINUX_SEQ_FILE_H
#include <linux/types.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#define SEQ_START_TOKEN ((void *)1)
#define SEQ_SKIP 1
extern int seq_open(struct file *file, const struct seq_operations *operations);
extern ssize_t seq_read(struct file *file, char __user *to, size_t count, loff_t *pos);
extern loff_t seq_lseek(struct file *file, loff_t offset, int whence);
extern int seq_release(struct inode *inode, struct file *file);
extern int seq_release_private(struct inode *inode, struct file *file);
extern void *__seq_open_private(struct file *file, const struct seq_operations *operations, int size);
extern int seq_open_private(struct file *file, const struct seq_operations *operations, int size);
extern int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data);
extern int single_open_size(struct file *file, int (*show)(struct seq_file *, void *), void *data, size_t size);
extern int single_release(struct inode *inode, struct file *file);
extern int seq_printf(struct seq_file *m, const char *format, ...) __printf(2, 3);
extern int seq_puts(struct seq_file *m, const char *text);
extern int seq_putc(struct seq_file *m, char character);
extern int seq_write(struct seq_file *m, const void *data, size_t length);
extern int seq_escape(struct seq_file *m, const char *text, const char *escaped);
extern int seq_path(struct seq_file *m, const struct path *path, const char *escaped);
extern struct list_head *seq_list_start(struct list_head *head, loff_t pos);
extern struct list_head *seq_list_start_head(struct list_head *head, loff_t pos);
extern struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *pos);
#if MMTOP_ERA >= 510
#define DEFINE_SHOW_ATTRIBUTE(name) \
	static int name##_open(struct inode *inode, struct file *file) { return single_open(file, name##_show, inode->i_private); } \
	static const struct file_operations name##_fops = { \
		.owner = THIS_MODULE, .open = name##_open, .read = seq_read, .llseek = seq_lseek, .release = single_release, \
	}
#define DEFINE_SEQ_ATTRIBUTE(name) \
	static int name##_open(struct inode *inode, struct file *file) { return seq_open(file, &name##_sops); } \
	static const struct file_operations name##_fops = { \
		.owner = THIS_MODULE, .open = name##_open, .read = seq_read, .llseek = seq_lseek, .release = seq_release, \
	}
#endif
#endif
