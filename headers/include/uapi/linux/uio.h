#ifndef MMTOP_UAPI_LINUX_UIO_H
#define MMTOP_UAPI_LINUX_UIO_H
#include <linux/uio.h>
#endif
