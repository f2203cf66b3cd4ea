#ifndef MMTOP_LINUX_FREEZER_H
#define MMTOP_LINUX_FREEZER_H
#define try_to_freeze() 0
#define set_freezable() 0
#endif
