/*
 * NAME: a program of your own for a machine of mmtop. What to change first: map a file or a device in place of memory
 * without a name, and look at the areas of the process in the maps pane.
 */
#include <stdio.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	int i;
	char *area = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		printf("NAME: no memory\n");
		return 1;
	}
	/* Each page comes with the first access to it. */
	for (i = 0; i < 3; i++) {
		area[4096 * i] = 'a' + i;
		printf("NAME: wrote to page %d at %p\n", i, area + 4096 * i);
	}
	return 0;
}
