#ifndef MMTOP_LINUX_IRQFLAGS_H
#define MMTOP_LINUX_IRQFLAGS_H
#include <linux/types.h>
/* Interrupts of this CPU. The kernel counts who switched them off, so these are functions of its own. */
extern unsigned long _local_irq_save(void);
extern void local_irq_restore(unsigned long flags);
extern void local_irq_disable(void);
extern void local_irq_enable(void);
extern int irqs_disabled(void);
#define local_irq_save(flags) ((flags) = _local_irq_save())
#define local_save_flags(flags) ((flags) = irqs_disabled() ? 0 : 0x200)
#if MMTOP_ERA < 232
#define cli() local_irq_disable()
#define sti() local_irq_enable()
#define save_flags(flags) local_save_flags(flags)
#define restore_flags(flags) local_irq_restore(flags)
#endif
#endif
