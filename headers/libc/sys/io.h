/* Ports, for a program that ioperm() or iopl() allowed them. */
#ifndef MMTOP_LIBC_IO_H
#define MMTOP_LIBC_IO_H
#include "../libc.h"
#define MMTOP_PORT(letter, type) \
	static inline type in##letter(unsigned short port) \
	{ type value; __asm__ volatile("in" #letter " %w1, %0" : "=a"(value) : "Nd"(port)); return value; } \
	static inline void out##letter(type value, unsigned short port) \
	{ __asm__ volatile("out" #letter " %0, %w1" : : "a"(value), "Nd"(port)); }
MMTOP_PORT(b, unsigned char)
MMTOP_PORT(w, unsigned short)
MMTOP_PORT(l, unsigned int)
#define inb_p inb
#define inw_p inw
#define inl_p inl
#define outb_p outb
#define outw_p outw
#define outl_p outl
#endif
