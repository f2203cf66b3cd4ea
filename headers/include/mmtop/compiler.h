/* What gcc and clang are told about functions, variables and branches. */
#ifndef MMTOP_MMTOP_COMPILER_H
#define MMTOP_MMTOP_COMPILER_H
#define __user
#define __kernel
#define __iomem
#define __force
#define __safe
#define __rcu
#define __percpu
#define __nocast
#define __bitwise
#define __bitwise__
#define __chk_user_ptr(x) (void)0
#define __chk_io_ptr(x) (void)0
#define __acquires(x)
#define __releases(x)
#define __acquire(x) (void)0
#define __release(x) (void)0
#define __must_check
#define __deprecated
#define __must_hold(x)
#define __randomize_layout
#define __counted_by(member)
#define notrace
#define __visible
#define asmlinkage __attribute__((regparm(0)))
#define fastcall
#define FASTCALL(x) x
#define noinline __attribute__((noinline))
#define __always_inline inline __attribute__((always_inline))
#define __inline__ inline
#define __inline inline
#define __attribute_const__ __attribute__((const))
#define __attribute_used__ __attribute__((used))
#define __used __attribute__((used))
#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __unused __attribute__((unused))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __section(name) __attribute__((section(name)))
#define __printf(text, first) __attribute__((format(printf, text, first)))
#define __scanf(text, first) __attribute__((format(scanf, text, first)))
#define __noreturn __attribute__((noreturn))
#define NORET_TYPE
#define ATTRIB_NORET __attribute__((noreturn))
#define __pure __attribute__((pure))
#define __weak __attribute__((weak))
#define __alias(name) __attribute__((alias(#name)))
#define __cold __attribute__((cold))
#define __malloc
#define __read_mostly
#define __ro_after_init
#define __cacheline_aligned __attribute__((aligned(32)))
#define ____cacheline_aligned __attribute__((aligned(32)))
#define ____cacheline_aligned_in_smp __attribute__((aligned(32)))
#define fallthrough __attribute__((fallthrough))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define unreachable() __builtin_unreachable()
#define uninitialized_var(x) x = x
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))

#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define FIELD_SIZEOF(type, member) sizeof_field(type, member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define _mmtop_paste_(a, b) a##b
#define _mmtop_paste(a, b) _mmtop_paste_(a, b)
#define __PASTE(a, b) _mmtop_paste(a, b)
#define __UNIQUE_ID(prefix) _mmtop_paste(prefix, __COUNTER__)
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __must_be_array(a) 0
#endif
