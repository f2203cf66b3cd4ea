#ifndef MMTOP_LINUX_ATOMIC_H
#define MMTOP_LINUX_ATOMIC_H
#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/barrier.h>
#define ATOMIC_INIT(i) {(i)}
#define atomic_read(v) READ_ONCE((v)->counter)
#define atomic_set(v, i) WRITE_ONCE((v)->counter, (i))
static inline int atomic_add_return(int i, atomic_t *v)
{
	int added = i;
	__asm__ volatile("lock; xaddl %0,%1" : "+r"(added), "+m"(v->counter) :: "memory");
	return added + i;
}
static inline void atomic_add(int i, atomic_t *v) { __asm__ volatile("lock; addl %1,%0" : "+m"(v->counter) : "ir"(i)); }
static inline void atomic_sub(int i, atomic_t *v) { __asm__ volatile("lock; subl %1,%0" : "+m"(v->counter) : "ir"(i)); }
static inline void atomic_inc(atomic_t *v) { __asm__ volatile("lock; incl %0" : "+m"(v->counter)); }
static inline void atomic_dec(atomic_t *v) { __asm__ volatile("lock; decl %0" : "+m"(v->counter)); }
static inline void atomic_or(int i, atomic_t *v) { __asm__ volatile("lock; orl %1,%0" : "+m"(v->counter) : "ir"(i)); }
static inline void atomic_and(int i, atomic_t *v) { __asm__ volatile("lock; andl %1,%0" : "+m"(v->counter) : "ir"(i)); }
#define atomic_sub_return(i, v) atomic_add_return(-(i), (v))
#define atomic_inc_return(v) atomic_add_return(1, (v))
#define atomic_dec_return(v) atomic_add_return(-1, (v))
#define atomic_fetch_add(i, v) (atomic_add_return((i), (v)) - (i))
#define atomic_fetch_inc(v) (atomic_inc_return(v) - 1)
#define atomic_fetch_dec(v) (atomic_dec_return(v) + 1)
#define atomic_sub_and_test(i, v) (atomic_sub_return((i), (v)) == 0)
#define atomic_dec_and_test(v) (atomic_dec_return(v) == 0)
#define atomic_inc_and_test(v) (atomic_inc_return(v) == 0)
#define atomic_add_negative(i, v) (atomic_add_return((i), (v)) < 0)
#define atomic_cmpxchg(v, old, new) ((int)cmpxchg(&(v)->counter, (old), (new)))
#define atomic_xchg(v, new) ((int)xchg(&(v)->counter, (new)))
static inline int atomic_add_unless(atomic_t *v, int i, int unless)
{
	int seen = atomic_read(v), found;
	while (seen != unless && (found = atomic_cmpxchg(v, seen, seen + i)) != seen)
		seen = found;
	return seen != unless;
}
#define atomic_inc_not_zero(v) atomic_add_unless((v), 1, 0)
#define atomic_dec_if_positive(v) ({ int _new = atomic_read(v) - 1; if (_new >= 0) atomic_dec(v); _new; })

typedef struct { volatile long counter; } atomic_long_t;
#define ATOMIC_LONG_INIT(i) {(i)}
#define atomic_long_read(v) atomic_read((atomic_t *)(v))
#define atomic_long_set(v, i) atomic_set((atomic_t *)(v), (i))
#define atomic_long_inc(v) atomic_inc((atomic_t *)(v))
#define atomic_long_dec(v) atomic_dec((atomic_t *)(v))
#define atomic_long_add(i, v) atomic_add((i), (atomic_t *)(v))
#define atomic_long_inc_return(v) atomic_inc_return((atomic_t *)(v))

typedef struct { volatile long long counter; } atomic64_t;
#define ATOMIC64_INIT(i) {(i)}
static inline long long atomic64_add_return(long long i, atomic64_t *v)
{
	long long seen = v->counter;
	for (;;) {
		long long wanted = seen + i, found = seen;
		__asm__ volatile("lock; cmpxchg8b %1" : "+A"(found), "+m"(v->counter)
				 : "b"((u32)wanted), "c"((u32)(wanted >> 32)) : "memory");
		if (found == seen)
			return wanted;
		seen = found;
	}
}
#define atomic64_read(v) atomic64_add_return(0, (v))
#define atomic64_set(v, i) ((v)->counter = (i))
#define atomic64_add(i, v) ((void)atomic64_add_return((i), (v)))
#define atomic64_sub(i, v) ((void)atomic64_add_return(-(i), (v)))
#define atomic64_inc(v) atomic64_add(1, (v))
#define atomic64_dec(v) atomic64_add(-1, (v))
#define atomic64_inc_return(v) atomic64_add_return(1, (v))
#endif
