#ifndef MMTOP_LINUX_UIDGID_H
#define MMTOP_LINUX_UIDGID_H
#include <linux/cred.h>
#if MMTOP_ERA >= 510
#define uid_eq(a, b) ((a).val == (b).val)
#define gid_eq(a, b) ((a).val == (b).val)
#define GLOBAL_ROOT_UID ((kuid_t){0})
#define GLOBAL_ROOT_GID ((kgid_t){0})
#define INVALID_UID ((kuid_t){-1})
#define uid_valid(id) ((id).val != (unsigned int)-1)
#define gid_valid(id) ((id).val != (unsigned int)-1)
#define __kgid_val(id) ((id).val)
#define from_kgid(ns, id) ((id).val)
#define make_kgid(ns, n) ((kgid_t){n})
#define KUIDT_INIT(n) ((kuid_t){n})
#define KGIDT_INIT(n) ((kgid_t){n})
#define __kuid_val(id) ((id).val)
#define from_kuid(ns, id) ((id).val)
#define make_kuid(ns, n) ((kuid_t){n})
#endif
#endif
