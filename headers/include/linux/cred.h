#ifndef MMTOP_LINUX_CRED_H
#define MMTOP_LINUX_CRED_H
#include <linux/types.h>
#include <asm/current.h>
#if MMTOP_ERA >= 232
#define current_cred() (current->cred)
#define current_uid() (current->cred->uid)
#define current_euid() (current->cred->euid)
#define current_gid() (current->cred->gid)
#define current_fsuid() (current->cred->fsuid)
#else
#define current_uid() (current->uid)
#define current_euid() (current->euid)
#endif
#endif
