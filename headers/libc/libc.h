/*
 * A small C library, for programs that run on the simulated machine (and on any Linux of i386): where a program
 * begins, system calls by int 0x80, strings, printing to a descriptor, a heap that only grows. One file of C includes
 * it, by itself or as <stdio.h> and the like; the others of a program include it after `#define MMTOP_LIBC_EXTERN`.
 *
 *     gcc -m32 -march=i686 -nostdlib -static -fno-pic -no-pie -ffreestanding -fno-stack-protector -I headers/libc prog.c
 */
#ifndef MMTOP_LIBC_H
#define MMTOP_LIBC_H

typedef unsigned int size_t;
typedef int ssize_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned int mode_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned long uintptr_t;
typedef __builtin_va_list va_list;
typedef struct { int fd, ended, failed; } FILE;
struct timeval { long tv_sec, tv_usec; };
struct timespec { long tv_sec, tv_nsec; };
struct iovec { void *iov_base; size_t iov_len; };
typedef long time_t;
typedef unsigned long sigset_t;
typedef void (*sighandler_t)(int);
typedef unsigned int nfds_t;
typedef unsigned int dev_t;
typedef struct { unsigned long bits[32]; } fd_set;
struct pollfd { int fd; short events, revents; };
/* As the older call of the kernel has it. */
struct sigaction { void (*sa_handler)(int); sigset_t sa_mask; int sa_flags; void (*sa_restorer)(void); };

#define NULL ((void *)0)
#define va_start __builtin_va_start
#define va_arg __builtin_va_arg
#define va_end __builtin_va_end
#define EOF (-1)
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_SYNC 010000
#define O_DIRECT 040000
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FILE 0
#define MAP_FIXED 16
#define MAP_ANONYMOUS 32
#define MAP_ANON MAP_ANONYMOUS
#define MAP_LOCKED 0x2000
#define MAP_POPULATE 0x8000
#define MAP_FAILED ((void *)-1)
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
#define MS_ASYNC 1
#define MS_SYNC 4
#define WNOHANG 1
#define WIFEXITED(s) (((s) & 0x7f) == 0)
#define WEXITSTATUS(s) (((s) >> 8) & 0xff)
#define WIFSIGNALED(s) (((s) & 0x7f) != 0)
#define WTERMSIG(s) ((s) & 0x7f)
#define SIGINT 2
#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGSEGV 11
#define SIGTERM 15
#define SIGHUP 1
#define SIGUSR1 10
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGCHLD 17
#define SIGIO 29
#define SIGPOLL SIGIO
#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
#define SIG_ERR ((void (*)(int))-1)
#define SA_RESTART 0x10000000
#define O_NONBLOCK 04000
#define O_NDELAY O_NONBLOCK
#define O_ASYNC 020000
#define FASYNC O_ASYNC
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_SETOWN 8
#define F_GETOWN 9
#define S_IFREG 0100000
#define S_IFCHR 0020000
#define POLLIN 1
#define POLLPRI 2
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16
#define POLLNVAL 32
#define POLLRDNORM 64
#define POLLWRNORM 256
#define FD_SETSIZE 1024
#define FD_ZERO(set) memset((set), 0, sizeof(fd_set))
#define FD_SET(fd, set) ((set)->bits[(fd) / 32] |= 1ul << (fd) % 32)
#define FD_CLR(fd, set) ((set)->bits[(fd) / 32] &= ~(1ul << (fd) % 32))
#define FD_ISSET(fd, set) (((set)->bits[(fd) / 32] >> (fd) % 32) & 1)
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1

#define EPERM 1
#define ENOENT 2
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define EBADF 9
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ENOTTY 25
#define ENOSPC 28
#define ESPIPE 29
#define ENOSYS 38

/** A system call as the kernel answers it: a result, or -errno. */
static inline long syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	long r;
	long args[2] = {n, f};
	__asm__ volatile("push %%ebp; mov 4(%%eax), %%ebp; mov (%%eax), %%eax; int $0x80; pop %%ebp"
		: "=a"(r) : "0"(args), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "cc");
	return r;
}
#define syscall3(n, a, b, c) syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)

#ifdef MMTOP_LIBC_EXTERN
#define LIBC(declaration, ...) declaration;
extern int errno;
extern FILE mmtop_files[3];
#else
#define LIBC(declaration, ...) declaration __VA_ARGS__
int errno;
FILE mmtop_files[3] = {{0}, {1}, {2}};
#endif
#define stdin (&mmtop_files[0])
#define stdout (&mmtop_files[1])
#define stderr (&mmtop_files[2])

/** As C has it: -1, and the reason in errno. */
LIBC(long mmtop_result(long r), { if (r < 0 && r >= -4095) { errno = -r; return -1; } return r; })

#define CALL(type, name, parameters, number, a, b, c) \
	LIBC(type name parameters, { return (type)mmtop_result(syscall3(number, a, b, c)); })
CALL(int, open, (const char *path, int flags, ...), 5, path, flags, 0666)
CALL(int, close, (int fd), 6, fd, 0, 0)
CALL(ssize_t, read, (int fd, void *to, size_t n), 3, fd, to, n)
CALL(ssize_t, write, (int fd, const void *from, size_t n), 4, fd, from, n)
CALL(off_t, lseek, (int fd, off_t at, int whence), 19, fd, at, whence)
CALL(int, fsync, (int fd), 118, fd, 0, 0)
CALL(int, ftruncate, (int fd, off_t size), 93, fd, size, 0)
CALL(int, dup, (int fd), 41, fd, 0, 0)
CALL(int, dup2, (int fd, int to), 63, fd, to, 0)
CALL(pid_t, fork, (void), 2, 0, 0, 0)
CALL(pid_t, waitpid, (pid_t pid, int *status, int options), 7, pid, status, options)
CALL(pid_t, getpid, (void), 20, 0, 0, 0)
CALL(pid_t, getppid, (void), 64, 0, 0, 0)
CALL(int, kill, (pid_t pid, int signal), 37, pid, signal, 0)
CALL(int, execve, (const char *path, char *const argv[], char *const envp[]), 11, path, argv, envp)
CALL(int, munmap, (void *at, size_t n), 91, at, n, 0)
CALL(int, mprotect, (void *at, size_t n, int prot), 125, at, n, prot)
CALL(int, msync, (void *at, size_t n, int flags), 144, at, n, flags)
CALL(int, madvise, (void *at, size_t n, int advice), 219, at, n, advice)
CALL(int, mlock, (const void *at, size_t n), 150, at, n, 0)
CALL(int, munlock, (const void *at, size_t n), 151, at, n, 0)
CALL(int, sched_yield, (void), 158, 0, 0, 0)
CALL(int, nanosleep, (const struct timespec *wanted, struct timespec *left), 162, wanted, left, 0)
CALL(int, gettimeofday, (struct timeval *tv, void *tz), 78, tv, tz, 0)
CALL(int, clock_gettime, (int clock, struct timespec *ts), 265, clock, ts, 0)
CALL(int, ioperm, (unsigned long from, unsigned long n, int on), 101, from, n, on)
CALL(int, mknod, (const char *path, mode_t mode, dev_t dev), 14, path, mode, dev)
CALL(int, unlink, (const char *path), 10, path, 0, 0)
CALL(int, poll, (struct pollfd *fds, nfds_t n, int ms), 168, fds, n, ms)
CALL(unsigned, alarm, (unsigned seconds), 27, seconds, 0, 0)
CALL(int, pause, (void), 29, 0, 0, 0)
CALL(int, sigaction, (int n, const struct sigaction *now, struct sigaction *former), 67, n, now, former)
#define makedev(major, minor) (((minor) & 0xff) | (major) << 8 | ((minor) & ~0xff) << 12)
CALL(int, iopl, (int level), 110, level, 0, 0)
CALL(int, setuid, (unsigned id), 213, id, 0, 0)
CALL(unsigned, getuid, (void), 199, 0, 0, 0)
CALL(unsigned, geteuid, (void), 201, 0, 0, 0)
#define wait(status) waitpid(-1, status, 0)
#define creat(path, mode) open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
#define getpagesize() 4096

LIBC(int ioctl(int fd, unsigned long command, ...),
	{ va_list v; long argument; va_start(v, command); argument = va_arg(v, long); va_end(v);
	  return mmtop_result(syscall3(54, fd, command, argument)); })
LIBC(int fcntl(int fd, int command, ...),
	{ va_list v; long argument; va_start(v, command); argument = va_arg(v, long); va_end(v);
	  return mmtop_result(syscall3(55, fd, command, argument)); })
LIBC(void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset),
	{ return (void *)mmtop_result(syscall6(192, (long)at, n, prot, flags, fd, (unsigned long)offset >> 12)); })
LIBC(void *mremap(void *at, size_t from, size_t to, int flags, ...),
	{ va_list v; long moved; va_start(v, flags); moved = flags & MREMAP_FIXED ? va_arg(v, long) : 0; va_end(v);
	  return (void *)mmtop_result(syscall6(163, (long)at, from, to, flags, moved, 0)); })
LIBC(int select(int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *left),
	{ return mmtop_result(syscall6(142, n, (long)in, (long)out, (long)except, (long)left, 0)); })
LIBC(sighandler_t signal(int n, sighandler_t handler),
	{ struct sigaction now = {handler, 0, SA_RESTART, NULL}, former;
	  return sigaction(n, &now, &former) < 0 ? SIG_ERR : former.sa_handler; })
LIBC(void _exit(int status), { for (;;) syscall3(252, status, 0, 0); })
LIBC(void exit(int status), { _exit(status); })
LIBC(void abort(void), { kill(getpid(), 6); _exit(127); })
LIBC(int usleep(unsigned us), { struct timespec t = {us / 1000000, us % 1000000 * 1000}; return nanosleep(&t, NULL); })
LIBC(unsigned sleep(unsigned s), { struct timespec t = {s, 0}; nanosleep(&t, NULL); return 0; })
LIBC(time_t time(time_t *at), { return syscall3(13, at, 0, 0); })

LIBC(size_t strlen(const char *s), { size_t n = 0; while (s[n]) n++; return n; })
LIBC(void *memcpy(void *to, const void *from, size_t n),
	{ char *t = to; const char *f = from; while (n--) *t++ = *f++; return to; })
LIBC(void *memmove(void *to, const void *from, size_t n),
	{ char *t = to; const char *f = from; if (t < f) while (n--) *t++ = *f++; else while (n--) t[n] = f[n]; return to; })
LIBC(void *memset(void *to, int byte, size_t n), { char *t = to; while (n--) *t++ = byte; return to; })
LIBC(int memcmp(const void *a, const void *b, size_t n),
	{ const uint8_t *x = a, *y = b; for (; n; n--, x++, y++) if (*x != *y) return *x - *y; return 0; })
LIBC(int strcmp(const char *a, const char *b),
	{ while (*a && *a == *b) { a++; b++; } return (uint8_t)*a - (uint8_t)*b; })
LIBC(int strncmp(const char *a, const char *b, size_t n),
	{ for (; n && *a && *a == *b; n--) { a++; b++; } return n ? (uint8_t)*a - (uint8_t)*b : 0; })
LIBC(char *strcpy(char *to, const char *from), { memcpy(to, from, strlen(from) + 1); return to; })
LIBC(char *strcat(char *to, const char *from), { strcpy(to + strlen(to), from); return to; })
LIBC(char *strchr(const char *s, int c), { for (; *s != (char)c; s++) if (!*s) return NULL; return (char *)s; })
LIBC(char *strstr(const char *s, const char *what),
	{ size_t n = strlen(what); for (; *s; s++) if (!strncmp(s, what, n)) return (char *)s; return n ? NULL : (char *)s; })

/** A number at the start of a text; base 0 knows 0x and 0. */
LIBC(unsigned long strtoul(const char *s, char **end, int base), {
	unsigned long value = 0; int minus = 0;
	while (*s == ' ' || *s == '\t' || *s == '\n') s++;
	if (*s == '-' || *s == '+') minus = *s++ == '-';
	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x') { s += 2; base = 16; }
	else if (base == 0) base = *s == '0' ? 8 : 10;
	for (;; s++) {
		int digit = *s >= '0' && *s <= '9' ? *s - '0' : (*s | 32) >= 'a' && (*s | 32) <= 'z' ? (*s | 32) - 'a' + 10 : 99;
		if (digit >= base) break;
		value = value * base + digit;
	}
	if (end) *end = (char *)s;
	return minus ? -value : value;
})
LIBC(long strtol(const char *s, char **end, int base), { return strtoul(s, end, base); })
LIBC(int atoi(const char *s), { return strtol(s, NULL, 10); })

/** A heap that only grows; free() takes and keeps. */
LIBC(void *malloc(size_t n), {
	static char *heap, *end; char *given;
	n = (n + 15) & ~15u;
	if (!heap) heap = end = (char *)syscall3(45, 0, 0, 0);
	if (heap + n > end) {
		char *wanted = heap + ((n + 0xffff) & ~0xffffu);
		if ((char *)syscall3(45, wanted, 0, 0) != wanted) { errno = ENOMEM; return NULL; }
		end = wanted;
	}
	given = heap; heap += n;
	return given;
})
LIBC(void *calloc(size_t n, size_t size), { return malloc(n * size); })
LIBC(void free(void *p), { (void)p; })

/** What one printing call is doing. */
struct mmtop_out { char *to; size_t room, done; int fd; char buffer[128]; size_t held; };
LIBC(void mmtop_flush(struct mmtop_out *o), { if (o->held) write(o->fd, o->buffer, o->held); o->held = 0; })
LIBC(void mmtop_put(struct mmtop_out *o, char c), {
	if (o->to) { if (o->done + 1 < o->room) o->to[o->done] = c; }
	else { if (o->held == sizeof(o->buffer)) mmtop_flush(o); o->buffer[o->held++] = c; }
	o->done++;
})
/** A number or text in a field, with zeros or blanks before it. */
LIBC(void mmtop_field(struct mmtop_out *o, const char *s, int n, int width, char fill, int left), {
	int i;
	if (!left && fill == '0' && n && *s == '-') { mmtop_put(o, *s++); n--; width--; }
	for (i = n; !left && i < width; i++) mmtop_put(o, fill);
	for (i = 0; i < n; i++) mmtop_put(o, s[i]);
	for (; left && i < width; i++) mmtop_put(o, ' ');
})
LIBC(int mmtop_digits(char *end, uint64_t value, unsigned base, int upper), {
	int n = 0;
	do {
		/* Half a word at a time: there is no division of 64 bits without a library. */
		uint32_t high = value >> 32, low = value, digit, rest = high % base, i;
		uint64_t quotient = (uint64_t)(high / base) << 32;
		for (i = 0; i < 32; i++) {
			rest = rest << 1 | low >> 31; low <<= 1;
			quotient = (quotient & ~0xffffffffull) | (uint32_t)((uint32_t)quotient << 1 | (rest >= base));
			if (rest >= base) rest -= base;
		}
		digit = rest;
		*--end = digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10;
		value = quotient; n++;
	} while (value);
	return n;
})
LIBC(void mmtop_format(struct mmtop_out *o, const char *f, va_list v), {
	for (; *f; f++) {
		int left = 0, width = 0, most = -1, longs = 0, sign = 0, n; char fill = ' ', digits[32], *end = digits + 32;
		uint64_t value; unsigned base = 10;
		if (*f != '%') { mmtop_put(o, *f); continue; }
		for (f++; *f == '-' || *f == '0' || *f == '#' || *f == '+' || *f == ' '; f++) {
			if (*f == '-') left = 1;
			if (*f == '0') fill = '0';
			if (*f == '#') sign = '#';
		}
		if (*f == '*') { width = va_arg(v, int); f++; } else while (*f >= '0' && *f <= '9') width = width * 10 + *f++ - '0';
		if (*f == '.') { f++; most = 0; if (*f == '*') { most = va_arg(v, int); f++; } else while (*f >= '0' && *f <= '9') most = most * 10 + *f++ - '0'; }
		for (; *f == 'l' || *f == 'h' || *f == 'z'; f++) longs += *f == 'l';
		switch (*f) {
		case 'd': case 'i': {
			int64_t s = longs > 1 ? va_arg(v, int64_t) : va_arg(v, int);
			n = mmtop_digits(end, s < 0 ? -(uint64_t)s : (uint64_t)s, 10, 0);
			if (s < 0) end[-++n] = '-';
			break;
		}
		case 'p': sign = '#'; /* fall through */
		case 'x': case 'X': base = 16; /* fall through */
		case 'u': case 'o':
			if (*f == 'o') base = 8;
			value = longs > 1 ? va_arg(v, uint64_t) : va_arg(v, unsigned);
			n = mmtop_digits(end, value, base, *f == 'X');
			if (sign == '#' && base == 16 && (value || *f == 'p')) { end[-++n] = *f == 'X' ? 'X' : 'x'; end[-++n] = '0'; }
			break;
		case 'c': n = 1; end[-1] = va_arg(v, int); fill = ' '; break;
		case 's': {
			const char *s = va_arg(v, const char *);
			if (!s) s = "(null)";
			for (n = 0; (most < 0 || n < most) && s[n]; n++) { }
			mmtop_field(o, s, n, width, ' ', left);
			continue;
		}
		default: mmtop_put(o, *f); if (!*f) return; continue;
		}
		mmtop_field(o, end - n, n, width, left ? ' ' : fill, left);
	}
})
LIBC(int vdprintf(int fd, const char *f, va_list v),
	{ struct mmtop_out o; o.to = NULL; o.done = o.held = 0; o.fd = fd; mmtop_format(&o, f, v); mmtop_flush(&o); return o.done; })
LIBC(int vsnprintf(char *to, size_t room, const char *f, va_list v), {
	struct mmtop_out o; char nothing; o.to = to ? to : &nothing; o.room = room; o.done = o.held = 0;
	mmtop_format(&o, f, v);
	if (room) o.to[o.done < room ? o.done : room - 1] = 0;
	return o.done;
})
#define PRINTING(declaration, call) LIBC(declaration, { int n; va_list v; va_start(v, f); n = call; va_end(v); return n; })
PRINTING(int printf(const char *f, ...), vdprintf(1, f, v))
PRINTING(int dprintf(int fd, const char *f, ...), vdprintf(fd, f, v))
PRINTING(int fprintf(FILE *file, const char *f, ...), vdprintf(file->fd, f, v))
PRINTING(int snprintf(char *to, size_t room, const char *f, ...), vsnprintf(to, room, f, v))
PRINTING(int sprintf(char *to, const char *f, ...), vsnprintf(to, 0x7fffffff, f, v))
LIBC(int puts(const char *s), { return printf("%s\n", s); })
LIBC(int putchar(int c), { return printf("%c", c); })
LIBC(int fflush(FILE *file), { (void)file; return 0; })
#include "files.h"

#ifndef MMTOP_LIBC_EXTERN
char **environ;
/* The kernel left argc, argv and the environment on the stack. main() may take as many of them as it likes. */
__asm__(".pushsection .text\n .globl _start\n_start:\n xor %ebp, %ebp\n mov %esp, %esi\n mov (%esi), %eax\n lea 4(%esi), %ecx\n"
	" lea 8(%esi,%eax,4), %edx\n mov %edx, environ\n and $-16, %esp\n sub $4, %esp\n push %edx\n push %ecx\n"
	" push %eax\n call main\n mov %eax, %ebx\n mov $252, %eax\n int $0x80\n hlt\n .popsection\n");
#else
extern char **environ;
#endif
#endif
