#ifndef MMTOP_LINUX_SWAP_H
#define MMTOP_LINUX_SWAP_H
#include <linux/mm.h>
#define mark_page_accessed(page) SetPageReferenced(page)
#endif
