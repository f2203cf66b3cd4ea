#ifndef MMTOP_LINUX_FILE_H
#define MMTOP_LINUX_FILE_H
#include <linux/fs.h>
#endif
