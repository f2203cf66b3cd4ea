#ifndef MMTOP_LINUX_NOTIFIER_H
#define MMTOP_LINUX_NOTIFIER_H
#include <linux/types.h>
struct notifier_block { int (*notifier_call)(struct notifier_block *, unsigned long, void *); struct notifier_block *next; int priority; };
#define NOTIFY_DONE 0
#define NOTIFY_OK 1
#endif
