#include "libc.h"
/* May be included again, with NDEBUG or without. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : mmtop_assert(#condition, __FILE__, __LINE__, __func__))
#endif
