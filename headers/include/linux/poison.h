#ifndef MMTOP_LINUX_POISON_H
#define MMTOP_LINUX_POISON_H
#define LIST_POISON1 ((void *)0x100)
#if MMTOP_ERA >= 510
#define LIST_POISON2 ((void *)0x122)
#else
#define LIST_POISON2 ((void *)0x200)
#endif
#endif
