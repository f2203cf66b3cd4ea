/** Commands for drivers and programs that people write. */
import type {Commands} from '../context.ts';
import {sourceFlags} from '../flags.ts';

export const programs: Commands['named'] = {
	new: {
		usage: 'mmtop new driver|program NAME',
		summary: 'make a folder with a driver or a program of your own that works, to change',
		about: 'The folder has a Makefile, a README and code that compiles and runs. NAME is a word of C.',
		examples: [
			['mmtop new driver hello && cd hello && make', 'a driver with a device, and a program that maps it'],
			['mmtop new program touch && cd touch && make', 'a program that maps memory'],
			['mmtop new driver mine --lab remap', 'a driver with a part for you to write'],
		],
		flags: ['lab'],
		load: async () => (await import('../new.ts')).newFolder,
	},
	cc: {
		usage: 'mmtop cc FILE.c…',
		summary: "compile drivers and programs for the machine with this host's gcc or clang",
		about: 'Words behind -- go to the compiler. The object is for one kernel: that of --era.',
		examples: [
			['mmtop cc mydrv.c', 'makes mydrv.o, a module'],
			['mmtop cc prog.c', 'makes prog, a static i386 program'],
			['mmtop cc mydrv.c --era 6.1 -- -O1', 'for another kernel, with a flag of the compiler'],
		],
		flags: ['era'],
		load: async () => (await import('../cc.ts')).cc,
	},
	kerneldir: {
		usage: 'mmtop kerneldir',
		summary: "print a folder for KERNELDIR of a driver's own Makefile",
		about: 'The folder is made in the cache directory when it is first asked for.',
		examples: [
			['make -C "$(mmtop kerneldir)" M=$PWD modules', 'build a driver with its own Makefile'],
			['make KERNELDIR="$(mmtop kerneldir --era ldd3)"', 'the same, where the Makefile has that variable'],
		],
		flags: ['era'],
		load: async () => (await import('../kerneldir.ts')).kerneldir,
	},
	insmod: {
		usage: 'mmtop insmod FILE.ko [NAME=VALUE…]',
		summary: 'load a driver of your own into the machine',
		about: 'An error says which, and what the kernel logged.',
		examples: [
			['mmtop insmod -t lab0 hello.ko', 'load it'],
			['mmtop insmod -t lab0 hello.ko greeting=hi', 'with a parameter'],
		],
		flags: sourceFlags,
		load: async () => (await import('../insmod.ts')).insmod,
	},
	rmmod: {
		usage: 'mmtop rmmod NAME',
		summary: 'unload it',
		examples: [['mmtop rmmod -t lab0 hello', 'unload hello.ko']],
		flags: sourceFlags,
		load: async () => (await import('../insmod.ts')).rmmod,
	},
	lsmod: {
		usage: 'mmtop lsmod',
		summary: 'list the drivers that were loaded',
		examples: [['mmtop lsmod -t lab0', 'as /proc/modules']],
		flags: sourceFlags,
		load: async () => (await import('../insmod.ts')).lsmod,
	},
	exec: {
		usage: 'mmtop exec ./prog [ARGUMENT…]',
		summary: 'run a static i386 program on the machine; its output and exit status are ours, ^C kills it',
		about: 'Words behind the program are its arguments. Its files are those of the machine, not of this computer.',
		examples: [['mmtop exec -t lab0 ./prog arg', 'on a machine that others watch']],
		flags: sourceFlags,
		load: async () => (await import('../exec.ts')).exec,
	},
	check: {
		usage: 'mmtop check EXERCISE DRIVER.o',
		summary:
			'try a driver that you wrote: exit 0: it does what the exercise asks, 1: it does not, 3: it could not be tried',
		about:
			'Without --target the driver gets a fresh, quiet machine of its own, with the kernel that it was built for. ' +
			'Observations say what was expected, what was seen, and which file it was read from. "mmtop new driver NAME ' +
			'--lab EXERCISE" makes a driver to begin with.',
		examples: [
			['mmtop check --list', 'name the exercises, and what each asks for'],
			['mmtop check remap mine.ko', 'does it map its page?'],
			['mmtop check --hint remap mine.ko', 'and where not, what to look at'],
			['mmtop check -t lab0 remap mine.ko', 'on a machine that others watch'],
		],
		flags: [...sourceFlags, 'json', 'list', 'hint'],
		load: async () => (await import('../check.ts')).check,
	},
	gdb: {
		usage: 'mmtop gdb [FILE…]',
		summary: 'debug drivers and programs of the machine with GDB: its remote protocol on standard input and output',
		about:
			'While gdb holds the machine it stands still for everybody, and says for whom; when gdb detaches, ends or is ' +
			'lost it goes on. Breakpoints change no byte of the machine. FILE, with --symbols, is an object or a program ' +
			'that does not lie in the working directory.',
		examples: [
			['mmtop gdb --symbols -t lab0 > symbols', 'where the loaded drivers lie, as commands of gdb'],
			["gdb -x symbols -ex 'target remote | mmtop gdb -t lab0'", 'the kernel side: drivers, in whatever process'],
			["gdb -x symbols -ex 'target remote | mmtop gdb -t lab0 --pid 131'", 'one process, and drivers'],
		],
		flags: [...sourceFlags, 'pid', 'symbols'],
		load: async () => (await import('../gdb.ts')).gdb,
	},
};
