#ifndef MMTOP_LINUX_STRING_H
#define MMTOP_LINUX_STRING_H
#include <linux/types.h>
extern void *memcpy(void *to, const void *from, size_t n);
extern void *memmove(void *to, const void *from, size_t n);
extern void *memset(void *at, int byte, size_t n);
extern int memcmp(const void *a, const void *b, size_t n);
extern void *memchr(const void *at, int byte, size_t n);
extern void *memscan(void *at, int byte, size_t n);
extern size_t strlen(const char *text);
extern size_t strnlen(const char *text, size_t n);
extern char *strcpy(char *to, const char *from);
extern char *strncpy(char *to, const char *from, size_t n);
extern size_t strlcpy(char *to, const char *from, size_t n);
extern char *strcat(char *to, const char *from);
extern char *strncat(char *to, const char *from, size_t n);
extern size_t strlcat(char *to, const char *from, size_t n);
extern int strcmp(const char *a, const char *b);
extern int strncmp(const char *a, const char *b, size_t n);
extern int strcasecmp(const char *a, const char *b);
extern int strncasecmp(const char *a, const char *b, size_t n);
extern int strnicmp(const char *a, const char *b, size_t n);
extern char *strchr(const char *text, int character);
extern char *strrchr(const char *text, int character);
extern char *strnchr(const char *text, size_t n, int character);
extern char *strstr(const char *text, const char *part);
extern char *strpbrk(const char *text, const char *characters);
extern char *strsep(char **text, const char *separators);
extern char *strim(char *text);
extern char *skip_spaces(const char *text);
#define strstrip(text) strim(text)
extern size_t strspn(const char *text, const char *characters);
extern size_t strcspn(const char *text, const char *characters);
extern char *kstrdup(const char *text, gfp_t gfp);
extern char *kstrndup(const char *text, size_t most, gfp_t gfp);
extern void *kmemdup(const void *from, size_t n, gfp_t gfp);
extern void *memdup_user(const void __user *from, size_t n);
extern void *memdup_user_nul(const void __user *from, size_t n);
extern char *strndup_user(const char __user *text, long most);
extern bool sysfs_streq(const char *a, const char *b);
#if MMTOP_ERA >= 510
extern ssize_t strscpy(char *to, const char *from, size_t n);
extern ssize_t strscpy_pad(char *to, const char *from, size_t n);
extern void memzero_explicit(void *at, size_t n);
extern int match_string(const char *const *array, size_t n, const char *text);
#endif
#if MMTOP_ERA >= 618
/* The size may be left out since 6.9 where the destination is an array. */
#define _mmtop_strscpy3(to, from, n, ...) strscpy(to, from, n)
#define strscpy(to, from, ...) _mmtop_strscpy3(to, from, ##__VA_ARGS__, sizeof(to))
#endif
#endif
