#ifndef MMTOP_LINUX_USB_H
#define MMTOP_LINUX_USB_H
#error "USB is not simulated for drivers of your own; docs/drivers.md lists what is"
#endif
