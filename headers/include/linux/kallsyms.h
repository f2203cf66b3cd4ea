#ifndef MMTOP_LINUX_KALLSYMS_H
#define MMTOP_LINUX_KALLSYMS_H
extern int sprint_symbol(char *buffer, unsigned long address);
#define print_symbol(format, address) printk(format, "")
#endif
