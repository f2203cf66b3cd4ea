#ifndef MMTOP_LINUX_STATIC_ASSERT_H
#define MMTOP_LINUX_STATIC_ASSERT_H
#define static_assert _Static_assert
#endif
