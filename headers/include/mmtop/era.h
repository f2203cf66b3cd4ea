/* The kernel that is compiled for: mmtop cc --era sets MMTOP_ERA. Made from source/kernel/era. */
#ifndef MMTOP_ERA_H
#define MMTOP_ERA_H
#define __MMTOP__ 1
#ifndef __KERNEL__
#define __KERNEL__ 1
#endif
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#ifndef MMTOP_ERA
#define MMTOP_ERA 211
#endif
#if MMTOP_ERA == 618
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 18, 44)
#define UTS_RELEASE "6.18.44"
#define MMTOP_ERA_NAME "6.18"
#define MMTOP_VERMAGIC "6.18.44 SMP mod_unload 686 mmtop1"
#define HZ 250
#elif MMTOP_ERA == 601
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 1, 176)
#define UTS_RELEASE "6.1.176"
#define MMTOP_ERA_NAME "6.1"
#define MMTOP_VERMAGIC "6.1.176 SMP mod_unload 686 mmtop1"
#define HZ 250
#elif MMTOP_ERA == 510
#define LINUX_VERSION_CODE KERNEL_VERSION(5, 10, 223)
#define UTS_RELEASE "5.10.223"
#define MMTOP_ERA_NAME "5.10"
#define MMTOP_VERMAGIC "5.10.223 SMP mod_unload 686 mmtop1"
#define HZ 250
#elif MMTOP_ERA == 302
#define LINUX_VERSION_CODE KERNEL_VERSION(3, 2, 7)
#define UTS_RELEASE "3.2.7"
#define MMTOP_ERA_NAME "3.2"
#define MMTOP_VERMAGIC "3.2.7 SMP mod_unload 686 mmtop1"
#define HZ 250
#elif MMTOP_ERA == 232
#define LINUX_VERSION_CODE KERNEL_VERSION(2, 6, 32)
#define UTS_RELEASE "2.6.32.69"
#define MMTOP_ERA_NAME "2.6.32"
#define MMTOP_VERMAGIC "2.6.32.69 SMP mod_unload 686 mmtop1"
#define HZ 250
#elif MMTOP_ERA == 211
#define LINUX_VERSION_CODE KERNEL_VERSION(2, 6, 11)
#define UTS_RELEASE "2.6.11"
#define MMTOP_ERA_NAME "ldd3"
#define MMTOP_VERMAGIC "2.6.11 SMP mod_unload 686 mmtop1"
#define HZ 1000
/* The book’s kernel under the signatures of its labs. */
#define MMTOP_LDD3 1
#else
#error "MMTOP_ERA is one of 211 (ldd3), 232 (2.6.32), 302 (3.2), 510 (5.10), 601 (6.1), 618 (6.18)"
#endif
#define USER_HZ 100
#endif
