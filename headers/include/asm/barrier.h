#ifndef MMTOP_ASM_BARRIER_H
#define MMTOP_ASM_BARRIER_H
#include <linux/types.h>
#define mb() __asm__ volatile("lock; addl $0,0(%%esp)" ::: "memory")
#define rmb() mb()
#define wmb() barrier()
#define smp_mb() mb()
#define smp_rmb() rmb()
#define smp_wmb() wmb()
#define dma_rmb() rmb()
#define dma_wmb() wmb()
#define smp_store_release(p, v) do { barrier(); WRITE_ONCE(*(p), v); } while (0)
#define smp_load_acquire(p) ({ __typeof__(*(p)) _loaded = READ_ONCE(*(p)); barrier(); _loaded; })
#define set_mb(var, value) do { (var) = (value); mb(); } while (0)
#define smp_store_mb(var, value) set_mb(var, value)
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic() barrier()
#define smp_mb__before_clear_bit() barrier()
#define smp_mb__after_clear_bit() barrier()
#define read_barrier_depends() do { } while (0)
#endif
