#ifndef MMTOP_LINUX_DELAY_H
#define MMTOP_LINUX_DELAY_H
#include <linux/types.h>
extern void ndelay(unsigned long ns);
extern void udelay(unsigned long us);
extern void mdelay(unsigned long ms);
extern void msleep(unsigned int ms);
extern unsigned long msleep_interruptible(unsigned int ms);
extern void usleep_range(unsigned long least, unsigned long most);
static inline void ssleep(unsigned int seconds) { msleep(seconds * 1000); }
#define fsleep(us) usleep_range((us), 2 * (us))
#include <linux/jiffies.h>
#endif
