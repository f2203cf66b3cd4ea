/* cscullv: quanta come from vmalloc, so finding the page behind an address needs a walk. The twin of the labs' scullv. */
#define CSCULL_NAME "cscullv"
#define CSCULL_ORDER 4
#include "cscull.h"

static void *cscull_alloc(int order)
{
	void *quantum = vmalloc(PAGE_SIZE << order);

	if (quantum)
		memset(quantum, 0, PAGE_SIZE << order);
	return quantum;
}

static void cscull_free(void *quantum, int order)
{
	vfree(quantum);
}

static struct page *cscull_page(void *address)
{
	return vmalloc_to_page(address);
}

/* Each page of it is a page of its own. */
static int cscull_maps(int order)
{
	return 1;
}
