#ifndef MMTOP_LINUX_SCHED_H
#define MMTOP_LINUX_SCHED_H
#include <linux/types.h>
#include <asm/current.h>
#include <asm/processor.h>
#include <linux/wait.h>
#include <linux/jiffies.h>
#include <linux/signal.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/completion.h>
#include <linux/smp.h>
#include <linux/mm_types.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/rbtree.h>
#include <linux/pid.h>
#define TASK_COMM_LEN 16
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
#define PF_KTHREAD 0x200000
#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_SIGHAND 0x800
#define CLONE_KERNEL (CLONE_FS | CLONE_FILES | CLONE_SIGHAND)
#if MMTOP_ERA >= 601
#define __set_current_state(state_) ((void)(current->__state = (state_)))
#define __set_task_state(task, state_) ((void)((task)->__state = (state_)))
#define task_is_running(task) ((task)->__state == TASK_RUNNING)
#else
#define __set_current_state(state_) ((void)(current->state = (state_)))
#define __set_task_state(task, state_) ((void)((task)->state = (state_)))
#endif
#define set_current_state(state) __set_current_state(state)
#define set_task_state(task, state) __set_task_state(task, state)
extern int wake_up_process(struct task_struct *task);
extern void yield(void);
#if MMTOP_ERA >= 232
extern int _cond_resched(void);
#define cond_resched() _cond_resched()
#else
extern void cond_resched(void);
#endif
extern int need_resched(void);
extern long schedule_timeout_interruptible(long jiffies);
extern long schedule_timeout_uninterruptible(long jiffies);
extern int fatal_signal_pending(struct task_struct *task);
extern int send_sig(int signal, struct task_struct *task, int privileged);
extern int kill_proc(pid_t pid, int signal, int privileged);
extern void flush_signals(struct task_struct *task);
extern void allow_signal(int signal);
extern struct task_struct *find_task_by_pid(pid_t pid);
extern struct task_struct *next_task(const struct task_struct *task);
extern struct task_struct init_task;
#define for_each_process(task) for ((task) = &init_task; ((task) = next_task(task)) != &init_task; )
extern char *get_task_comm(char *to, struct task_struct *task);
#define task_pid_nr(task) ((task)->pid)
#define task_tgid_nr(task) ((task)->tgid)
#define task_pid_vnr(task) ((task)->pid)
extern void set_user_nice(struct task_struct *task, long nice);
extern struct mm_struct *get_task_mm(struct task_struct *task);
extern void mmput(struct mm_struct *mm);
extern void get_task_struct(struct task_struct *task);
extern void put_task_struct(struct task_struct *task);
#if MMTOP_ERA < 510
extern int kernel_thread(int (*function)(void *), void *arg, unsigned long flags);
extern void daemonize(const char *name, ...);
#endif
#if MMTOP_ERA < 232
#define reparent_to_init() do { } while (0)
#endif
#include <mmtop/common.h>
#endif
