#ifndef MMTOP_LINUX_JUMP_LABEL_H
#define MMTOP_LINUX_JUMP_LABEL_H
#include <linux/atomic.h>
#include <mmtop/compiler.h>
/* A key is a number here, and a branch looks at it: the code is not patched. */
struct static_key { atomic_t enabled; };
struct static_key_true { struct static_key key; };
struct static_key_false { struct static_key key; };
#define STATIC_KEY_TRUE_INIT {{ATOMIC_INIT(1)}}
#define STATIC_KEY_FALSE_INIT {{ATOMIC_INIT(0)}}
#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = STATIC_KEY_TRUE_INIT
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name
#define static_key_enabled(which) (atomic_read(&(which)->key.enabled) > 0)
#define static_branch_likely(which) likely(static_key_enabled(which))
#define static_branch_unlikely(which) unlikely(static_key_enabled(which))
#define static_branch_enable(which) atomic_set(&(which)->key.enabled, 1)
#define static_branch_disable(which) atomic_set(&(which)->key.enabled, 0)
#define static_branch_inc(which) atomic_inc(&(which)->key.enabled)
#define static_branch_dec(which) atomic_dec(&(which)->key.enabled)
#endif
