#ifndef MMTOP_LINUX_MODULELOADER_H
#define MMTOP_LINUX_MODULELOADER_H
#include <linux/module.h>
#endif
