#ifndef MMTOP_LINUX_UIO_H
#define MMTOP_LINUX_UIO_H
#include <linux/types.h>
#include <linux/uaccess.h>
#define UIO_MAXIOV 1024
#if MMTOP_ERA >= 510
#define ITER_SOURCE 1
#define ITER_DEST 0
extern size_t copy_to_iter(const void *from, size_t n, struct iov_iter *iter);
extern size_t copy_from_iter(void *to, size_t n, struct iov_iter *iter);
extern size_t copy_page_to_iter(struct page *page, size_t offset, size_t n, struct iov_iter *iter);
extern size_t copy_page_from_iter(struct page *page, size_t offset, size_t n, struct iov_iter *iter);
extern size_t iov_iter_zero(size_t n, struct iov_iter *iter);
extern void iov_iter_advance(struct iov_iter *iter, size_t n);
extern void iov_iter_revert(struct iov_iter *iter, size_t n);
extern int iov_iter_npages(const struct iov_iter *iter, int most);
static inline size_t iov_iter_count(const struct iov_iter *iter) { return iter->count; }
static inline void iov_iter_truncate(struct iov_iter *iter, u64 most) { if (iter->count > most) iter->count = most; }
#define iov_iter_rw(iter) ((iter)->data_source ? WRITE : READ)
static inline bool copy_to_iter_full(void *from, size_t n, struct iov_iter *iter) { return copy_to_iter(from, n, iter) == n; }
static inline bool copy_from_iter_full(void *to, size_t n, struct iov_iter *iter) { return copy_from_iter(to, n, iter) == n; }
#endif
#if MMTOP_ERA == 510
extern ssize_t iov_iter_get_pages(struct iov_iter *iter, struct page **pages, size_t most, unsigned int count, size_t *offset);
#elif MMTOP_ERA >= 601
extern ssize_t iov_iter_get_pages2(struct iov_iter *iter, struct page **pages, size_t most, unsigned int count, size_t *offset);
#endif
static inline size_t iov_length(const struct iovec *iov, unsigned long count)
{
	size_t sum = 0;
	while (count--)
		sum += (iov++)->iov_len;
	return sum;
}
#endif
