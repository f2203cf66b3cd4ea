#ifndef MMTOP_UAPI_LINUX_FS_H
#define MMTOP_UAPI_LINUX_FS_H
#include <linux/fs.h>
#endif
