#ifndef MMTOP_LINUX_AIO_H
#define MMTOP_LINUX_AIO_H
#include <linux/fs.h>
#include <linux/uio.h>
#if MMTOP_ERA >= 510
typedef int (kiocb_cancel_fn)(struct kiocb *);
extern void kiocb_set_cancel_fn(struct kiocb *iocb, kiocb_cancel_fn *cancel);
#define IOCB_NOWAIT 0x8
#else
#define KIOCB_SYNC_KEY (~0U)
#define is_sync_kiocb(iocb) ((iocb)->ki_key == KIOCB_SYNC_KEY)
#define kiocbIsCancelled(iocb) (((iocb)->ki_flags >> 3) & 1)
#define kiocbSetCancelled(iocb) ((iocb)->ki_flags |= 1 << 3)
extern int aio_complete(struct kiocb *iocb, long result, long second);
extern void kick_iocb(struct kiocb *iocb);
extern int aio_put_req(struct kiocb *iocb);
#endif
#endif
