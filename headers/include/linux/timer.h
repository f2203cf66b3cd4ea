#ifndef MMTOP_LINUX_TIMER_H
#define MMTOP_LINUX_TIMER_H
#include <linux/types.h>
#include <linux/list.h>
#include <linux/jiffies.h>
#define TIMER_MAGIC 0x74696d65
extern int mod_timer(struct timer_list *timer, unsigned long expires);
extern void add_timer(struct timer_list *timer);
extern void add_timer_on(struct timer_list *timer, int cpu);
extern int timer_pending(const struct timer_list *timer);
#if MMTOP_ERA >= 510
extern void init_timer_key(struct timer_list *timer, void (*function)(struct timer_list *), unsigned int flags);
#define timer_setup(timer, callback, flags) init_timer_key((timer), (callback), (flags))
#define timer_setup_on_stack(timer, callback, flags) timer_setup(timer, callback, flags)
#define __TIMER_INITIALIZER(callback, flags_) {.function = (callback), .flags = (flags_), .magic = TIMER_MAGIC}
#define DEFINE_TIMER(name, callback) struct timer_list name = __TIMER_INITIALIZER(callback, 0)
#else
extern void init_timer(struct timer_list *timer);
static inline void setup_timer(struct timer_list *timer, void (*function)(unsigned long), unsigned long data)
{
	init_timer(timer);
	timer->function = function;
	timer->data = data;
}
#define TIMER_INITIALIZER(function_, expires_, data_) \
	{.function = (function_), .expires = (expires_), .data = (data_), .magic = TIMER_MAGIC}
#define DEFINE_TIMER(name, function, expires, data) struct timer_list name = TIMER_INITIALIZER(function, expires, data)
#endif
#if MMTOP_ERA >= 618
#define timer_container_of(var, timer, member) container_of(timer, __typeof__(*(var)), member)
#elif MMTOP_ERA >= 510
#define from_timer(var, timer, member) container_of(timer, __typeof__(*(var)), member)
#endif
#if MMTOP_ERA >= 601
extern int timer_delete(struct timer_list *timer);
extern int timer_delete_sync(struct timer_list *timer);
extern int timer_shutdown_sync(struct timer_list *timer);
#endif
#if MMTOP_ERA < 618
extern int del_timer(struct timer_list *timer);
extern int del_timer_sync(struct timer_list *timer);
#define try_to_del_timer_sync(timer) del_timer(timer)
#define del_singleshot_timer_sync(timer) del_timer_sync(timer)
#endif
#endif
