#ifndef MMTOP_LINUX_HRTIMER_H
#define MMTOP_LINUX_HRTIMER_H
#include <linux/ktime.h>
enum hrtimer_mode { HRTIMER_MODE_ABS, HRTIMER_MODE_REL };
#if MMTOP_ERA < 618
extern void hrtimer_init(struct hrtimer *timer, int clock, enum hrtimer_mode mode);
#endif
extern void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *), int clock, enum hrtimer_mode mode);
extern void hrtimer_start(struct hrtimer *timer, ktime_t time, enum hrtimer_mode mode);
extern int hrtimer_cancel(struct hrtimer *timer);
extern u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval);
#endif
