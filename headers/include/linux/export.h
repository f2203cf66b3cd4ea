#ifndef MMTOP_LINUX_EXPORT_H
#define MMTOP_LINUX_EXPORT_H
#include <mmtop/types.h>
struct kernel_symbol { unsigned long value; const char *name; };
#define _mmtop_export(symbol, section_) \
	extern __typeof__(symbol) symbol; \
	static const struct kernel_symbol _mmtop_paste(__ksymtab_, symbol) \
	__attribute__((used, section(section_), aligned(4))) = {(unsigned long)&symbol, #symbol}
#define EXPORT_SYMBOL(symbol) _mmtop_export(symbol, "__ksymtab")
#define EXPORT_SYMBOL_GPL(symbol) _mmtop_export(symbol, "__ksymtab_gpl")
#define EXPORT_SYMBOL_NS(symbol, namespace) EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_NS_GPL(symbol, namespace) EXPORT_SYMBOL_GPL(symbol)
#endif
