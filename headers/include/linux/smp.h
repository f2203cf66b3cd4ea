#ifndef MMTOP_LINUX_SMP_H
#define MMTOP_LINUX_SMP_H
#include <linux/types.h>
extern int smp_processor_id(void);
#define raw_smp_processor_id() smp_processor_id()
#include <linux/preempt.h>
#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()
extern int num_online_cpus(void);
#define num_possible_cpus() num_online_cpus()
#define NR_CPUS 8
#endif
