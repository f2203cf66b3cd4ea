#ifndef MMTOP_LINUX_IRQRETURN_H
#define MMTOP_LINUX_IRQRETURN_H
typedef int irqreturn_t;
#define IRQ_NONE 0
#define IRQ_HANDLED 1
#define IRQ_WAKE_THREAD 2
#define IRQ_RETVAL(x) ((x) != 0)
#endif
