/* Maps the page of /dev/NAME and prints what it holds; the area stays in the maps pane until the program is ended. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	char *page;
	int fd = open("/dev/NAME", O_RDWR);

	if (fd < 0) {
		printf("use: no /dev/NAME; is NAME.ko loaded?\n");
		return 1;
	}
	page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		printf("use: /dev/NAME cannot be mapped\n");
		return 1;
	}
	printf("%p: %s", page, page);
	for (;;)
		sleep(60);
}
