#ifndef MMTOP_LINUX_HRTIMER_H
#define MMTOP_LINUX_HRTIMER_H
#include <linux/ktime.h>
#include <linux/timer.h>
#if MMTOP_ERA >= 232
#include <linux/time.h>
enum hrtimer_mode {
	HRTIMER_MODE_ABS,
	HRTIMER_MODE_REL,
	HRTIMER_MODE_PINNED,
	HRTIMER_MODE_ABS_PINNED = HRTIMER_MODE_PINNED,
	HRTIMER_MODE_REL_PINNED,
	HRTIMER_MODE_SOFT,
	HRTIMER_MODE_ABS_SOFT = HRTIMER_MODE_SOFT,
	HRTIMER_MODE_REL_SOFT,
};
#if MMTOP_ERA < 618
extern void hrtimer_init(struct hrtimer *timer, int clock, enum hrtimer_mode mode);
#else
extern void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *), int clock,
			  enum hrtimer_mode mode);
#endif
#if MMTOP_ERA < 510
extern int hrtimer_start(struct hrtimer *timer, ktime_t time, const enum hrtimer_mode mode);
extern int hrtimer_start_range_ns(struct hrtimer *timer, ktime_t time, unsigned long range,
				  const enum hrtimer_mode mode);
#else
extern void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t time, u64 range, const enum hrtimer_mode mode);
#define hrtimer_start(timer, time, mode) hrtimer_start_range_ns((timer), (time), 0, (mode))
#endif
extern int hrtimer_cancel(struct hrtimer *timer);
extern int hrtimer_try_to_cancel(struct hrtimer *timer);
extern int hrtimer_active(const struct hrtimer *timer);
extern u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval);
extern u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval);
extern ktime_t hrtimer_get_remaining(const struct hrtimer *timer);
extern ktime_t hrtimer_cb_get_time(struct hrtimer *timer);
#define hrtimer_is_queued(timer) ((timer)->state != 0)
#define hrtimer_get_expires(timer) ((timer)->expires)
#define hrtimer_get_expires_ns(timer) ktime_to_ns((timer)->expires)
#define hrtimer_set_expires(timer, time) ((void)((timer)->expires = (time)))
#define hrtimer_add_expires(timer, time) ((void)((timer)->expires += (time)))
#define hrtimer_add_expires_ns(timer, ns) ((void)((timer)->expires += (ns)))
#define hrtimer_restart(timer) hrtimer_start((timer), (timer)->expires, HRTIMER_MODE_ABS)
#define hrtimer_start_expires(timer, mode) hrtimer_start((timer), (timer)->expires, (mode))
#endif
#endif
