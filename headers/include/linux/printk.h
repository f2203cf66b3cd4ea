#ifndef MMTOP_LINUX_PRINTK_H
#define MMTOP_LINUX_PRINTK_H
#include <linux/types.h>
#if MMTOP_ERA >= 510
#define KERN_SOH "\001"
#define _mmtop_level(n) KERN_SOH #n
#define KERN_CONT KERN_SOH "c"
#else
/* A level is text before 3.6. */
#define _mmtop_level(n) "<" #n ">"
#define KERN_CONT ""
#endif
#define KERN_EMERG _mmtop_level(0)
#define KERN_ALERT _mmtop_level(1)
#define KERN_CRIT _mmtop_level(2)
#define KERN_ERR _mmtop_level(3)
#define KERN_WARNING _mmtop_level(4)
#define KERN_NOTICE _mmtop_level(5)
#define KERN_INFO _mmtop_level(6)
#define KERN_DEBUG _mmtop_level(7)
#define KERN_DEFAULT ""

extern int printk(const char *format, ...) __printf(1, 2);
extern int vprintk(const char *format, va_list args);
extern int printk_ratelimit(void);
extern int __printk_ratelimit_at(const char *file, int line);
extern void dump_stack(void);
extern void print_hex_dump(const char *level, const char *prefix, int prefix_type, int rowsize, int groupsize,
			   const void *buffer, size_t length, bool ascii);
extern void print_hex_dump_bytes(const char *prefix, int prefix_type, const void *buffer, size_t length);
#define DUMP_PREFIX_NONE 0
#define DUMP_PREFIX_ADDRESS 1
#define DUMP_PREFIX_OFFSET 2

#ifndef pr_fmt
#define pr_fmt(format) format
#endif
#define pr_emerg(format, ...) printk(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_alert(format, ...) printk(KERN_ALERT pr_fmt(format), ##__VA_ARGS__)
#define pr_crit(format, ...) printk(KERN_CRIT pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) printk(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warning(format, ...) printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice(format, ...) printk(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) printk(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#define pr_cont(format, ...) printk(KERN_CONT format, ##__VA_ARGS__)
#define no_printk(format, ...) ({ if (0) printk(format, ##__VA_ARGS__); 0; })
#ifdef DEBUG
#define pr_debug(format, ...) printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#else
#define pr_debug(format, ...) no_printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#endif
#define pr_devel(format, ...) pr_debug(format, ##__VA_ARGS__)
#define _mmtop_once(statement) ({ static bool _done; if (!_done) { _done = 1; statement; } })
#define printk_once(format, ...) _mmtop_once(printk(format, ##__VA_ARGS__))
#define pr_info_once(format, ...) _mmtop_once(pr_info(format, ##__VA_ARGS__))
#define pr_warn_once(format, ...) _mmtop_once(pr_warn(format, ##__VA_ARGS__))
#define pr_err_once(format, ...) _mmtop_once(pr_err(format, ##__VA_ARGS__))
#define printk_ratelimited(format, ...) ({ if (printk_ratelimit()) printk(format, ##__VA_ARGS__); })
#define pr_err_ratelimited(format, ...) printk_ratelimited(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...) printk_ratelimited(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_info_ratelimited(format, ...) printk_ratelimited(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#endif
