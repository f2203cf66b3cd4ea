#ifndef MMTOP_LINUX_BOTTOM_HALF_H
#define MMTOP_LINUX_BOTTOM_HALF_H
extern void local_bh_disable(void);
extern void local_bh_enable(void);
#endif
