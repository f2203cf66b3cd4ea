#ifndef MMTOP_LINUX_UTSNAME_H
#define MMTOP_LINUX_UTSNAME_H
#include <linux/version.h>
struct new_utsname { char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65]; };
extern struct new_utsname *_mmtop_utsname(void);
#define utsname() _mmtop_utsname()
#define init_utsname() _mmtop_utsname()
#define system_utsname (*_mmtop_utsname())
#endif
