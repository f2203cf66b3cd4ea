#ifndef MMTOP_LINUX_PID_H
#define MMTOP_LINUX_PID_H
#include <linux/types.h>
struct pid;
struct task_struct;
#if MMTOP_ERA >= 232
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };
extern struct pid *find_vpid(int number);
extern struct pid *find_get_pid(int number);
extern struct task_struct *pid_task(struct pid *pid, enum pid_type type);
extern struct task_struct *get_pid_task(struct pid *pid, enum pid_type type);
extern struct pid *task_pid(struct task_struct *task);
extern pid_t pid_nr(struct pid *pid);
#define pid_vnr(pid) pid_nr(pid)
extern void put_pid(struct pid *pid);
extern int kill_pid(struct pid *pid, int signal, int privileged);
#endif
#endif
