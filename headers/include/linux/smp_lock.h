#ifndef MMTOP_LINUX_SMP_LOCK_H
#define MMTOP_LINUX_SMP_LOCK_H
extern void lock_kernel(void);
extern void unlock_kernel(void);
#endif
