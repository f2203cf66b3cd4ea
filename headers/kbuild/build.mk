# Builds what one folder's Kbuild Makefile names: obj-m, NAME-objs, NAME-y, ccflags-y, EXTRA_CFLAGS, CFLAGS_FILE.o.
# Every object is compiled anew each time: drivers are small, and flags and kernels change.

KERNELRELEASE := $(MMTOP_RELEASE)
VERSION := $(word 1,$(subst ., ,$(MMTOP_RELEASE)))
PATCHLEVEL := $(word 2,$(subst ., ,$(MMTOP_RELEASE)))
SUBLEVEL := $(word 3,$(subst ., ,$(MMTOP_RELEASE)) 0)
srctree := $(CURDIR)
objtree := $(CURDIR)
TOPDIR := $(CURDIR)
KBUILD_EXTMOD := $(M)
ARCH := i386
SRCARCH := x86
CONFIG_MODULES := y
CONFIG_SMP := y
CONFIG_PCI := y
CONFIG_X86 := y
CONFIG_X86_32 := y
CONFIG_HIGHMEM := y
CONFIG_PROC_FS := y
CONFIG_DEBUG_FS := y
CONFIG_DEBUG_INFO := y

# Functions that Kbuild Makefiles use.
try-run = $(shell ($(1)) >/dev/null 2>&1 && echo "$(2)" || echo "$(3)")
cc-option = $(call try-run,$(CC) -Werror $(1) -c -x c /dev/null -o /dev/null,$(1),$(2))
cc-disable-warning = $(call try-run,$(CC) -W$(strip $(1)) -c -x c /dev/null -o /dev/null,-Wno-$(strip $(1)))

.PHONY: __build FORCE
__build:

obj-m :=
obj-y :=
CFLAGS :=
EXTRA_CFLAGS :=
ccflags-y :=

include $(firstword $(wildcard $(src)/Kbuild $(src)/Makefile) $(src)/Makefile)

kernel-flags := $(shell cat $(MMTOP_HEADERS)/kbuild/flags) -DMMTOP_ERA=$(MMTOP_ERA) -DMODULE
# A function without a declaration was a warning once.
ifeq ($(shell test $(MMTOP_ERA) -ge 232 && echo newer),newer)
kernel-flags += -Werror=implicit-function-declaration
else
kernel-flags += -Wno-implicit-function-declaration -Wno-implicit-int -Wno-return-type
endif
# Newer compilers stop at what these kernels' compilers warned of.
kernel-flags += $(foreach warning,incompatible-pointer-types int-conversion,$(call cc-option,-Wno-error=$(warning)))
includes := -I$(MMTOP_HEADERS)/include
# A folder's own `-I.` and the like were relative to the kernel's folder; both are looked into.
driver-flags = $(CFLAGS) $(EXTRA_CFLAGS) $(ccflags-y) $(ccflags-m) $(subdir-ccflags-y) $(KCFLAGS) -I$(src)

folders := $(filter %/,$(obj-m) $(obj-y))
modules := $(patsubst %.o,%,$(filter %.o,$(obj-m)))

# What a module consists of: what NAME-objs, NAME-y or NAME-m list, or the one file of its name.
parts-of = $(strip $($(notdir $(1))-objs) $($(notdir $(1))-y) $($(notdir $(1))-m))
objects-of = $(addprefix $(obj)/,$(or $(parts-of),$(1).o))

say = printf '  %-7s %s\n'

define compile
$(1): $(wildcard $(1:.o=.c) $(1:.o=.S)) FORCE
	@$(say) 'CC [M]' '$(1)'
	@$(CC) $(kernel-flags) $(includes) $(driver-flags) $(CFLAGS_$(notdir $(1))) \
		-DKBUILD_MODNAME='"$(2)"' -DKBUILD_BASENAME='"$(basename $(notdir $(1)))"' -c -o $(1) \
		$$(or $$(firstword $$(filter %.c %.S,$$^)),$(1:.o=.c))
endef

define module
$(foreach object,$(call objects-of,$(1)),$(eval $(call compile,$(object),$(subst -,_,$(notdir $(1))))))
$(obj)/$(1).ko: $(call objects-of,$(1))
	@$(say) 'LD [M]' '$(obj)/$(1).ko'
	@$(or $(LD),ld) -m elf_i386 -r -o $(obj)/$(1).ko $(call objects-of,$(1))
__build: $(obj)/$(1).ko
endef

$(foreach each,$(modules),$(eval $(call module,$(each))))

.PHONY: $(folders)
$(folders):
	@$(MAKE) --no-print-directory -f $(MMTOP_HEADERS)/kbuild/build.mk obj='$(obj)/$(@:/=)' src='$(src)/$(@:/=)'
__build: $(folders)

ifeq ($(strip $(modules) $(folders)),)
$(error mmtop: $(src)/Makefile names no module in obj-m)
endif
