/*
 * Streams, scanning and names of errors; libc.h includes it at its end. A stream is a descriptor without a buffer, so
 * each character read is a system call.
 */
#ifndef MMTOP_LIBC_FILES_H
#define MMTOP_LIBC_FILES_H

/** In glibc's words, for the errors that libc.h names. */
LIBC(const char *strerror(int number), {
	static const struct { int number; const char *text; } known[] = {
		{0, "Success"}, {EPERM, "Operation not permitted"}, {ENOENT, "No such file or directory"},
		{EINTR, "Interrupted system call"}, {EIO, "Input/output error"}, {ENXIO, "No such device or address"},
		{EBADF, "Bad file descriptor"}, {EAGAIN, "Resource temporarily unavailable"}, {ENOMEM, "Cannot allocate memory"},
		{EACCES, "Permission denied"}, {EFAULT, "Bad address"}, {EBUSY, "Device or resource busy"},
		{EEXIST, "File exists"}, {ENODEV, "No such device"}, {EINVAL, "Invalid argument"},
		{ENOTTY, "Inappropriate ioctl for device"}, {ENOSPC, "No space left on device"}, {ESPIPE, "Illegal seek"},
		{ENOSYS, "Function not implemented"},
	};
	static char text[32];
	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) if (known[i].number == number) return known[i].text;
	sprintf(text, "Unknown error %d", number);
	return text;
})
LIBC(void perror(const char *what), { dprintf(2, "%s: %s\n", what, strerror(errno)); })

#define BUFSIZ 4096
#define fileno(file) ((file)->fd)
#define feof(file) ((file)->ended)
#define ferror(file) ((file)->failed)
#define getc(file) fgetc(file)
#define getchar() fgetc(stdin)
#define putc(c, file) fputc(c, file)
#define rewind(file) ((void)fseek(file, 0, SEEK_SET))

LIBC(FILE *fdopen(int fd, const char *mode), {
	FILE *file = malloc(sizeof(FILE));
	(void)mode;
	if (!file) return NULL;
	file->fd = fd; file->ended = file->failed = 0;
	return file;
})
/** Modes r, w and a, each with + or without. */
LIBC(FILE *fopen(const char *path, const char *mode), {
	int both = mode[1] == '+' || (mode[1] && mode[2] == '+'), fd;
	int how = *mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0;
	if (*mode != 'r' && *mode != 'w' && *mode != 'a') { errno = EINVAL; return NULL; }
	fd = open(path, how | (both ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY));
	return fd < 0 ? NULL : fdopen(fd, mode);
})
LIBC(int fclose(FILE *file), { return close(file->fd) < 0 ? EOF : 0; })
LIBC(size_t fread(void *to, size_t size, size_t n, FILE *file), {
	size_t done = 0; ssize_t got = 1;
	while (done < size * n && (got = read(file->fd, (char *)to + done, size * n - done)) > 0) done += got;
	if (got == 0) file->ended = 1;
	if (got < 0) file->failed = 1;
	return size ? done / size : 0;
})
LIBC(size_t fwrite(const void *from, size_t size, size_t n, FILE *file), {
	size_t done = 0; ssize_t got;
	while (done < size * n && (got = write(file->fd, (const char *)from + done, size * n - done)) > 0) done += got;
	if (done < size * n) file->failed = 1;
	return size ? done / size : 0;
})
LIBC(int fgetc(FILE *file), { unsigned char c; return fread(&c, 1, 1, file) == 1 ? c : EOF; })
LIBC(int fputc(int c, FILE *file), { char one = c; return fwrite(&one, 1, 1, file) == 1 ? (unsigned char)c : EOF; })
LIBC(int fputs(const char *s, FILE *file), { return fwrite(s, 1, strlen(s), file) == strlen(s) ? 1 : EOF; })
LIBC(char *fgets(char *to, int room, FILE *file), {
	int n = 0, c = 0;
	while (n + 1 < room && c != '\n' && (c = fgetc(file)) != EOF) to[n++] = c;
	if (n == 0) return NULL;
	to[n] = 0;
	return to;
})
LIBC(int fseek(FILE *file, long at, int whence), {
	if (lseek(file->fd, at, whence) < 0) return -1;
	file->ended = 0;
	return 0;
})
LIBC(long ftell(FILE *file), { return lseek(file->fd, 0, SEEK_CUR); })
LIBC(int setvbuf(FILE *file, char *buffer, int mode, size_t size),
	{ (void)file, (void)buffer, (void)mode, (void)size; return 0; })

LIBC(int mmtop_blank(int c), { return c == ' ' || (c >= '\t' && c <= '\r'); })
/** Copies a number's characters, a width at most, so that what follows is not read as part of it. @returns how many */
LIBC(int mmtop_number(const char *s, char *to, int room, int base), {
	int n = 0;
	if (n < room && (s[n] == '-' || s[n] == '+')) n++;
	if ((base == 0 || base == 16) && n + 1 < room && s[n] == '0' && (s[n + 1] | 32) == 'x') n += 2, base = 16;
	else if (base == 0) base = s[n] == '0' ? 8 : 10;
	for (; n < room && s[n]; n++) {
		int digit = s[n] >= '0' && s[n] <= '9' ? s[n] - '0' : (s[n] | 32) >= 'a' ? (s[n] | 32) - 'a' + 10 : 99;
		if (digit >= base) break;
	}
	memcpy(to, s, n);
	to[n] = 0;
	return n;
})
LIBC(void mmtop_store(void *at, unsigned long value, int size), {
	if (size == 1) *(uint8_t *)at = value;
	else if (size == 2) *(uint16_t *)at = value;
	else if (size == 8) *(int64_t *)at = (long)value;
	else *(uint32_t *)at = value;
})
/** Knows d, i, u, x, o, p, c, s, n and %, widths, `*`, hh, h, l, ll and z; no sets. Numbers have 32 bits. */
LIBC(int vsscanf(const char *from, const char *f, va_list v), {
	const char *s = from; int done = 0;
	for (; *f; f++) {
		int width = 0, skip = 0, size = 4, base, n, any = 0; char digits[40], *end;
		if (mmtop_blank(*f)) { while (mmtop_blank(*s)) s++; continue; }
		if (*f != '%') { if (*s++ != *f) return done; continue; }
		f++;
		if (*f == '*') skip = 1, f++;
		while (*f >= '0' && *f <= '9') width = width * 10 + *f++ - '0';
		for (; *f == 'h' || *f == 'l' || *f == 'z'; f++) size = *f == 'h' ? size / 2 : any++ && *f == 'l' ? 8 : 4;
		if (*f == 'n') { mmtop_store(va_arg(v, void *), s - from, size); continue; }
		if (*f != 'c') while (mmtop_blank(*s)) s++;
		if (!*s) return done ? done : EOF;
		if (*f == '%') { if (*s++ != '%') return done; continue; }
		if (*f == 'c' || *f == 's') {
			char *to = skip ? NULL : va_arg(v, char *);
			for (n = 0; s[n] && (*f == 'c' ? n < (width ? width : 1) : (!width || n < width) && !mmtop_blank(s[n])); n++)
				if (to) to[n] = s[n];
			if (to && *f == 's') to[n] = 0;
			s += n;
		} else {
			base = *f == 'i' ? 0 : *f == 'x' || *f == 'X' || *f == 'p' ? 16 : *f == 'o' ? 8 : 10;
			n = mmtop_number(s, digits, width && width < 39 ? width : 39, base);
			strtoul(digits, &end, base);
			if (end == digits || (end[-1] == '-' || end[-1] == '+')) return done;
			if (!skip) mmtop_store(va_arg(v, void *), strtoul(digits, NULL, base), size);
			s += end - digits;
		}
		done += !skip;
	}
	return done;
})
PRINTING(int sscanf(const char *s, const char *f, ...), vsscanf(s, f, v))

LIBC(void mmtop_assert(const char *what, const char *file, int line, const char *function), {
	fprintf(stderr, "%s:%d: %s: Assertion `%s' failed.\n", file, line, function, what);
	abort();
})
/**
 * The machine has no shell. Of its commands this knows mknod PATH TYPE MAJOR MINOR, rm PATH… and sleep SECONDS;
 * another one is not found: 127, as a shell exits.
 */
LIBC(int system(const char *command), {
	char text[256], *word[8]; int n = 0, i, failed = 0; char *s = text;
	if (!command) return 0;
	snprintf(text, sizeof(text), "%s", command);
	while (n < 8) {
		while (mmtop_blank(*s)) *s++ = 0;
		if (!*s) break;
		word[n++] = s;
		while (*s && !mmtop_blank(*s)) s++;
	}
	if (n == 5 && !strcmp(word[0], "mknod") && (*word[2] == 'c' || *word[2] == 'b'))
		failed = mknod(word[1], (*word[2] == 'c' ? S_IFCHR : 0060000) | 0666, makedev(atoi(word[3]), atoi(word[4]))) < 0;
	else if (n > 1 && !strcmp(word[0], "rm")) {
		int force = !strcmp(word[1], "-f");
		for (i = 1 + force; i < n; i++) if (unlink(word[i]) < 0 && !force) failed = 1;
	} else if (n == 2 && !strcmp(word[0], "sleep")) sleep(atoi(word[1]));
	else { fprintf(stderr, "sh: %s: not found\n", n ? word[0] : ""); return 127 << 8; }
	if (failed) fprintf(stderr, "%s: %s: %s\n", word[0], word[1], strerror(errno));
	return failed << 8;
})
#endif
