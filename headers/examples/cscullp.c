/* cscullp: quanta are whole pages from __get_free_pages. The twin in C of the labs' scullp. */
#define CSCULL_NAME "cscullp"
#define CSCULL_ORDER 0
#include "cscull.h"

static void *cscull_alloc(int order)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
}

static void cscull_free(void *quantum, int order)
{
	free_pages((unsigned long)quantum, order);
}

static struct page *cscull_page(void *address)
{
	return virt_to_page(address);
}

/* Of several pages only the first has a count of its own. */
static int cscull_maps(int order)
{
	return order == 0;
}
