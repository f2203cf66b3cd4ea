#ifndef MMTOP_LINUX_BLKDEV_H
#define MMTOP_LINUX_BLKDEV_H
#error "block devices are not simulated for drivers of your own; docs/drivers.md lists what is"
#endif
