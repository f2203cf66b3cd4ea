#ifndef MMTOP_LINUX_EVENTPOLL_H
#define MMTOP_LINUX_EVENTPOLL_H
#include <linux/poll.h>
#endif
