#ifndef MMTOP_LINUX_TIME_H
#define MMTOP_LINUX_TIME_H
#include <linux/types.h>
#define NSEC_PER_SEC 1000000000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC 1000000L
#define USEC_PER_MSEC 1000L
#define MSEC_PER_SEC 1000L
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
struct timespec { time_t tv_sec; long tv_nsec; };
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct timespec64 { time64_t tv_sec; long tv_nsec; };
struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon; long tm_year; int tm_wday, tm_yday; };
#if MMTOP_ERA < 510
extern void do_gettimeofday(struct timeval *now);
extern struct timespec current_kernel_time(void);
extern unsigned long get_seconds(void);
#endif
#if MMTOP_ERA >= 232 && MMTOP_ERA < 510
extern void getnstimeofday(struct timespec *now);
#endif
#if MMTOP_ERA >= 510
extern void ktime_get_real_ts64(struct timespec64 *now);
extern void ktime_get_coarse_real_ts64(struct timespec64 *now);
extern void ktime_get_ts64(struct timespec64 *now);
extern void ktime_get_raw_ts64(struct timespec64 *now);
extern time64_t ktime_get_real_seconds(void);
extern time64_t ktime_get_seconds(void);
#define jiffies_to_timespec64(j, value) do { \
	(value)->tv_sec = (j) / HZ; \
	(value)->tv_nsec = ((j) % HZ) * (1000000000 / HZ); \
} while (0)
#endif
extern void time64_to_tm(time64_t seconds, int offset, struct tm *result);
extern void time_to_tm(time_t seconds, int offset, struct tm *result);
#endif
