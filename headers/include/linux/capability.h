#ifndef MMTOP_LINUX_CAPABILITY_H
#define MMTOP_LINUX_CAPABILITY_H
#define CAP_DAC_OVERRIDE 1
#define CAP_NET_ADMIN 12
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21
#define CAP_SYS_TTY_CONFIG 26
extern int capable(int capability);
#endif
