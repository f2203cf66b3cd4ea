#ifndef MMTOP_LINUX_UTSNAME_H
#define MMTOP_LINUX_UTSNAME_H
#include <linux/version.h>
#include <linux/types.h>
struct new_utsname { char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65]; };
struct uts_namespace { struct new_utsname name; };
#if MMTOP_ERA < 232
extern struct new_utsname system_utsname;
#endif
extern struct uts_namespace init_uts_ns;
#define utsname() (&init_uts_ns.name)
#define init_utsname() (&init_uts_ns.name)
#endif
