#ifndef MMTOP_LINUX_NETDEVICE_H
#define MMTOP_LINUX_NETDEVICE_H
#error "network devices are not simulated for drivers of your own; docs/drivers.md lists what is"
#endif
