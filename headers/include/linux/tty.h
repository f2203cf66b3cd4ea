#ifndef MMTOP_LINUX_TTY_H
#define MMTOP_LINUX_TTY_H
#include <linux/types.h>
/* Terminals are another book. A process's own one can be asked for its number, as scull's access control does. */
extern dev_t tty_devnum(struct tty_struct *tty);
#if MMTOP_ERA >= 232
extern struct tty_struct *get_current_tty(void);
#endif
#endif
