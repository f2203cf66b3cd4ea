/* Here a module's variable is one for all CPUs: none of the drivers that we know have more. */
#ifndef MMTOP_LINUX_PERCPU_H
#define MMTOP_LINUX_PERCPU_H
#include <linux/smp.h>
#define DEFINE_PER_CPU(type, name) __typeof__(type) per_cpu__##name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) per_cpu__##name
#define per_cpu(name, cpu) (*((void)(cpu), &per_cpu__##name))
#define get_cpu_var(name) (*({ preempt_disable(); &per_cpu__##name; }))
#define put_cpu_var(name) preempt_enable()
#endif
