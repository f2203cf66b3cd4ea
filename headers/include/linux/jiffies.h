#ifndef MMTOP_LINUX_JIFFIES_H
#define MMTOP_LINUX_JIFFIES_H
#include <linux/types.h>
#include <linux/math64.h>
#include <linux/time.h>
extern unsigned long volatile jiffies;
extern u64 jiffies_64;
extern u64 get_jiffies_64(void);
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define jiffies_to_msecs(j) ((unsigned int)(j) * (1000 / HZ))
#define jiffies_to_usecs(j) ((unsigned int)(j) * (1000000 / HZ))
/* Rounded up: who waits does not wait too short. */
static inline unsigned long msecs_to_jiffies(unsigned int ms) { return ms / (1000 / HZ) + (ms % (1000 / HZ) != 0); }
static inline unsigned long usecs_to_jiffies(unsigned int us) { return us / (1000000 / HZ) + (us % (1000000 / HZ) != 0); }
static inline void jiffies_to_timespec(unsigned long j, struct timespec *value)
{
	value->tv_sec = j / HZ;
	value->tv_nsec = (j % HZ) * (1000000000 / HZ);
}
static inline void jiffies_to_timeval(unsigned long j, struct timeval *value)
{
	value->tv_sec = j / HZ;
	value->tv_usec = (j % HZ) * (1000000 / HZ);
}
static inline unsigned long timespec_to_jiffies(const struct timespec *value)
{
	return value->tv_sec * HZ + (value->tv_nsec + 1000000000 / HZ - 1) / (1000000000 / HZ);
}
#endif
