#!/bin/sh
# Builds prebuilt/ERA/*.ko for every kernel, for hosts without a compiler. Needs gcc, make and mmtop in PATH.
set -e
cd "$(dirname "$0")"
for era in ldd3 2.6.32 3.2 5.10 6.1 6.18; do
	folder=$(mktemp -d)
	cp ./*.c ./*.h Makefile "$folder"
	# Lines and function names are enough; paths of this computer do not belong there.
	kernel=$(mmtop kerneldir --era $era)
	headers=$(sed -n 's/^MMTOP_HEADERS := //p' "$kernel/Makefile")
	maps="-ffile-prefix-map=$folder/= -ffile-prefix-map=$kernel=. -ffile-prefix-map=$headers=headers"
	make -C "$folder" KERNELDIR="$kernel" KCFLAGS="-g1 $maps" modules
	mkdir -p prebuilt/$era
	cp "$folder"/*.ko prebuilt/$era
	rm -r "$folder"
done
