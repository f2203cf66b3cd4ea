#ifndef MMTOP_LIBC_UTSNAME_H
#define MMTOP_LIBC_UTSNAME_H
#include "../libc.h"
struct utsname { char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65]; };
static inline int uname(struct utsname *name) { return mmtop_result(syscall3(122, name, 0, 0)); }
#endif
