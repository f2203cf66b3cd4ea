/**
 * The subcommands, once: dispatch, help, man pages, completion, and which flags each takes. Code is loaded when a
 * command is chosen. The table makes this file long.
 */
import type {CommandSpec, Commands} from './context.ts';
import {type FlagName, machineFlags} from './flags.ts';

const source = ['target', ...machineFlags, 'until'] as const satisfies readonly FlagName[];

/** How the monitor looks and listens. */
const looks = ['pace', 'theme', 'ascii', 'mouse', 'plain', 'refresh'] as const satisfies readonly FlagName[];

const monitor: CommandSpec = {
	usage: 'mmtop',
	summary: 'open the monitor on a fresh simulated machine in this process',
	flags: [...machineFlags, 'once', 'until', 'record', 'watch', ...looks],
	load: async () => (await import('./monitor.ts')).monitor,
};

const named: Commands['named'] = {
	serve: {
		usage: 'mmtop serve',
		summary: 'run a simulated machine as a daemon; prints its socket path when it is ready',
		about:
			'The machine goes on until SIGTERM, SIGINT or SIGHUP. Its sockets lie in the runtime directory of this user: ' +
			'control.sock takes all requests, observe.sock only reads. What is written to it is kept on disk: with the ' +
			'same --name it goes on where a killed server was.',
		examples: [
			['mmtop serve --name lab0 &', 'a machine of the usual kind'],
			['mmtop serve --name old --era 2.6.32 --mem 512M', 'another kernel, more memory'],
			['mmtop serve --observe /srv/class/lab.sock --observe-group students', 'a class may look, not touch'],
		],
		flags: [...machineFlags, 'name', 'fresh', 'pace', 'observe', 'observeGroup'],
		load: async () => (await import('./serve.ts')).serve,
	},
	class: {
		usage: 'mmtop class up ROSTER',
		summary: 'run a machine for each student of a class; list, wall, freeze, collect … are for who teaches',
		about:
			'ROSTER has a line a student, LOGIN [machine=…] [era=…] [seed=…] [load=…], and lines "teacher LOGIN", ' +
			'"helper LOGIN" and "helper @GROUP"; # begins a comment. Flags of a machine are for lines without such words. ' +
			'A student finds the own machine with "mmtop attach"; "mmtop attach demo" is the one that all share. ' +
			'Machines outlive the processes that serve them: class up goes on where they were. docs/teaching.md says more.',
		examples: [
			['mmtop class up os.txt --era 3.2', 'start the machines, or restore them'],
			['mmtop class list', 'who does what: time, state, monitors, last experiment'],
			['mmtop class wall', 'the same as a live screen, from which one goes in'],
			["mmtop class message 'Look at pane 3'", 'say something on every screen'],
			['mmtop class freeze', 'stop all machines, and all keys of students'],
			['mmtop class thaw', 'let them go on'],
			['mmtop class reset alice', 'a fresh machine for one; its session is kept aside'],
			['mmtop class collect monday', 'sessions, logs, findings and class.csv'],
			['mmtop class down', 'stop all; sessions stay'],
		],
		flags: [
			'name',
			'machine',
			'era',
			'seed',
			'load',
			'fresh',
			'foreground',
			'json',
			'theme',
			'ascii',
			'mouse',
			'refresh',
		],
		load: async () => (await import('./class.ts')).classCommand,
	},
	'class-host': {
		usage: 'mmtop class-host',
		summary: undefined,
		flags: [],
		load: async () => (await import('./class/host.ts')).classHost,
	},
	attach: {
		usage: 'mmtop attach [TARGET]',
		summary: 'open the monitor on a running machine',
		about:
			'Without TARGET it takes the only machine that runs here, or the own one of a class. ^C or q leaves; the ' +
			'machine goes on. A session file ' +
			'is a machine of its own, in this process, that stands where the session ended.',
		examples: [
			['mmtop attach lab0', 'a machine of mmtop serve'],
			['mmtop attach ssh://student@labhost/lab0', 'one on another computer'],
			['mmtop attach host', 'this Linux, read only'],
			['mmtop attach lab0 --record lab.samples', 'write down what is seen'],
			['mmtop attach ./lab.samples', 'play it back'],
			['mmtop attach ./lab.session', 'do the session of --record lab.session again, and go on from its end'],
		],
		flags: ['once', 'record', 'watch', ...looks],
		load: async () => (await import('./attach.ts')).attach,
	},
	compare: {
		usage: 'mmtop compare A B',
		summary: 'open two machines of one seed on one screen; keys go to both, and what differs is lit',
		about:
			'A and B are eras (ldd3, 6.18), presets (lab, bounce) or both (3.2/bounce). Both machines are at one time, or ' +
			'held at one state; where they went apart by steps or by going back, it says so. ' +
			'Rows that only one of them has are lit and listed below (≠); ~ counts those that differ only in numbers.',
		examples: [
			['mmtop compare ldd3 6.18', 'the same machine with two kernels'],
			['mmtop compare lab bounce --era 3.2', 'two machines with one kernel'],
		],
		flags: [...machineFlags, 'watch', 'pace', 'theme', 'ascii', 'mouse', 'refresh'],
		load: async () => (await import('./compare.ts')).compare,
	},
	targets: {
		usage: 'mmtop targets',
		summary: 'list the machines running here',
		examples: [
			['mmtop targets', 'name, time and state of each'],
			['mmtop targets --json', 'the same for programs'],
		],
		flags: ['json'],
		load: async () => (await import('./targets.ts')).targets,
	},
	ls: {
		usage: 'mmtop ls [PATH]',
		summary: "list a directory of a machine's file tree",
		about: 'Directories end with a slash. Without --target the machine is a fresh one.',
		examples: [
			['mmtop ls /proc', 'what a fresh machine has there'],
			['mmtop ls -t lab0 /sys/kernel/debug', 'the files of debugfs'],
		],
		flags: [...source, 'json'],
		load: async () => (await import('./ls.ts')).ls,
	},
	cat: {
		usage: 'mmtop cat PATH…',
		summary: 'print files, all of one instant',
		about: 'Several files are printed as they were at one instant. docs/files.md lists every file.',
		examples: [
			['mmtop cat /proc/meminfo', 'of a fresh machine, at 2 s of its time'],
			['mmtop cat -t lab0 /proc/8/maps /proc/buddyinfo', 'of a running one'],
			['mmtop cat --json /proc/buddyinfo | jq .', 'as records'],
			['mmtop cat -t lab0 --watch --json /proc/buddyinfo | jq .zones', 'a line whenever it changed, until ^C'],
			['mmtop cat -t lab0 --watch=0.5 /proc/meminfo', 'on the terminal, as watch would'],
		],
		flags: [...source, 'json', 'every'],
		load: async () => (await import('./cat.ts')).cat,
	},
	metrics: {
		usage: 'mmtop metrics',
		summary: 'print numbers of one instant as OpenMetrics text, for Prometheus',
		about:
			'Memory, zones, counters, DMA, asynchronous requests and findings. For node_exporter write it to a file ' +
			'beside the wanted one and rename that: its textfile collector must not read half of it.',
		examples: [
			['mmtop metrics -t lab0', 'of a running machine'],
			['mmtop metrics -t host > mmtop.prom.new && mv mmtop.prom.new mmtop.prom', 'of this Linux, for node_exporter'],
		],
		flags: source,
		load: async () => (await import('./metrics.ts')).metrics,
	},
	trace: {
		usage: 'mmtop trace',
		summary: 'print the trace as ftrace prints it: events, and functions where they are traced',
		about:
			'The text can be opened in Perfetto (ui.perfetto.dev), which shows the events that it knows. trace-cmd and ' +
			'KernelShark read only files of their own kind. Reading takes nothing from other readers. Where more came than ' +
			'the trace holds between two reads, --follow says so in a line.',
		examples: [
			['mmtop trace -t lab0 > trace.txt', 'what the trace holds now'],
			['mmtop trace -t lab0 --follow | grep page_fault', 'what comes, until ^C'],
			['mmtop trace --era 6.1 --until 300ms', 'of a fresh machine'],
		],
		flags: [...source, 'follow'],
		load: async () => (await import('./trace.ts')).trace,
	},
	write: {
		usage: 'mmtop write -t TARGET PATH TEXT',
		summary: 'act: inject a workload, pause the clock, raise a limit',
		about: 'What can be written, and what it does, is in docs/files.md.',
		examples: [
			["mmtop write -t lab0 /sys/kernel/debug/lab/inject 'direct-read pages=64'", 'start an experiment'],
			['mmtop write -t lab0 /sys/kernel/debug/lab/clock pause', "stop the machine's time"],
			['mmtop write -t lab0 /proc/sys/fs/aio-max-nr 128', 'lower a limit of the kernel'],
		],
		flags: source,
		load: async () => (await import('./write.ts')).write,
	},
	export: {
		usage: 'mmtop export DIR [PATH…]',
		summary: 'write the whole tree of one instant, or what is under some paths, into a directory',
		about:
			'DIR must not be there yet, or be empty; it has its files when all of them are written, and MANIFEST says of ' +
			'what they are and how such a machine is made again. Of a real Linux one names what to export.',
		examples: [
			['mmtop export tree', 'a fresh machine at 2 s'],
			['mmtop export -t lab0 tree', 'a running one, of one instant'],
			['mmtop export -t host tree /proc/zoneinfo /proc/buddyinfo', 'files of this Linux'],
		],
		flags: source,
		load: async () => (await import('./export.ts')).exportTree,
	},
	report: {
		usage: 'mmtop report [TARGET]',
		summary: 'print all about what went wrong on a machine: findings, log, trace, dumps, and how to do it again',
		about:
			'Markdown. Of a machine that runs it says how far apart its files were read. Findings come with what they ' +
			'happened within and the report of the log. Without TARGET it is a fresh machine. A ' +
			'recording and a real Linux give what they have.',
		examples: [
			['mmtop report lab0 -o bug.md', 'of a running machine, into a file'],
			['mmtop run pin-leak --report bug.md', 'of an experiment'],
			['mmtop report ./lab.samples', 'of a recording'],
			['mmtop report lab0 --html bug.html', 'as a page for a browser'],
		],
		flags: [...source, 'output', 'html'],
		load: async () => (await import('./report.ts')).report,
	},
	story: {
		usage: 'mmtop story EXPERIMENT [key=value…]',
		summary: 'tell an experiment step by step on one page for a browser, with a picture of each step',
		about:
			'The experiment runs on a fresh machine of the kind that it needs. The page is one file that fetches nothing: ' +
			'arrow keys and swipes go from step to step, and without scripts and on paper all steps are there. ' +
			'The exit code is that of mmtop run.',
		examples: [
			['mmtop story fork-pin --html fork-pin.html', 'a page for a course'],
			['mmtop story mremap-growth pages=2 grow=3 --era 3.2 --html later.html', 'what a later kernel does'],
		],
		flags: [...machineFlags, 'until', 'html'],
		load: async () => (await import('./story.ts')).story,
	},
	licences: {
		usage: 'mmtop licences',
		summary: 'print the licences of mmtop and of the packages inside it',
		flags: [],
		load: async () => (await import('./licences.ts')).licences,
	},
	run: {
		usage: 'mmtop run EXPERIMENT [key=value…]',
		summary: 'run one experiment headless; exit 0: its claim held, 1: it did not hold, 3: it could not run',
		about:
			'Without --target the experiment gets a fresh machine of the kind that it needs. Observations say what was ' +
			'expected, what was seen, and which file it was read from.',
		examples: [
			['mmtop run --list', 'name all experiments with their claims'],
			['mmtop run mremap-growth pages=2 grow=3', 'run one with parameters'],
			['mmtop run --ask fork-pin', 'predict first'],
			['mmtop run mremap-growth --era 3.2', 'what another kernel does'],
			['mmtop run mremap-growth --compare ldd3,6.18', 'both, side by side'],
			['mmtop run -t lab0 direct-read', 'on a machine that others watch'],
			['mmtop run --all', 'run each on its own machine'],
			['mmtop run direct-read --sweep pages=1..64/8 --seeds 1..3 --json', 'many runs, each a line of JSON'],
		],
		flags: [...source, 'json', 'list', 'all', 'ask', 'compare', 'report', 'sweep', 'seeds', 'shard', 'junit'],
		load: async () => (await import('./run.ts')).run,
	},
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
		load: async () => (await import('./new.ts')).newFolder,
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
		load: async () => (await import('./cc.ts')).cc,
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
		load: async () => (await import('./kerneldir.ts')).kerneldir,
	},
	insmod: {
		usage: 'mmtop insmod FILE.ko [NAME=VALUE…]',
		summary: 'load a driver of your own into the machine',
		about: 'An error says which, and what the kernel logged.',
		examples: [
			['mmtop insmod -t lab0 hello.ko', 'load it'],
			['mmtop insmod -t lab0 hello.ko greeting=hi', 'with a parameter'],
		],
		flags: source,
		load: async () => (await import('./insmod.ts')).insmod,
	},
	rmmod: {
		usage: 'mmtop rmmod NAME',
		summary: 'unload it',
		examples: [['mmtop rmmod -t lab0 hello', 'unload hello.ko']],
		flags: source,
		load: async () => (await import('./insmod.ts')).rmmod,
	},
	lsmod: {
		usage: 'mmtop lsmod',
		summary: 'list the drivers that were loaded',
		examples: [['mmtop lsmod -t lab0', 'as /proc/modules']],
		flags: source,
		load: async () => (await import('./insmod.ts')).lsmod,
	},
	exec: {
		usage: 'mmtop exec ./prog [ARGUMENT…]',
		summary: 'run a static i386 program on the machine; its output and exit status are ours, ^C kills it',
		about: 'Words behind the program are its arguments. Its files are those of the machine, not of this computer.',
		examples: [['mmtop exec -t lab0 ./prog arg', 'on a machine that others watch']],
		flags: source,
		load: async () => (await import('./exec.ts')).exec,
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
		flags: [...source, 'json', 'list', 'hint'],
		load: async () => (await import('./check.ts')).check,
	},
	sheet: {
		usage: 'mmtop sheet run FILE',
		summary: 'ask an exercise sheet, a YAML file: exit 0: all points, 1: not all, 3: it could not be tried',
		about:
			'A sheet has tasks with questions, checks on files and experiments, hints and points; docs/sheets.md says how to ' +
			'write one. Without --target it is done on a fresh machine; quit leaves it, and the same command goes on.',
		examples: [
			['mmtop sheet run faults.yaml', 'ask it, a task at a time'],
			['mmtop sheet run -t lab0 faults.yaml', 'on a machine that a monitor shows in another window'],
			['mmtop sheet run faults.yaml --answers ann.yaml --junit ann.xml', 'ask nothing, and write the result'],
			['mmtop sheet new mine', 'make mine.yaml, a sheet that works, to change'],
			['mmtop sheet check --solve mine.yaml', 'is it right, and does every check hold with the solution only?'],
			['mmtop sheet replay result.json', 'open the machine of a result as it was in the end'],
			['mmtop sheet schema', 'print the JSON Schema, for editors'],
		],
		flags: [
			...source.filter(name => name !== 'until'),
			'json',
			'answers',
			'solve',
			'fresh',
			'output',
			'junit',
			'record',
		],
		load: async () => (await import('./sheet/command.ts')).sheet,
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
		flags: [...source, 'pid', 'symbols'],
		load: async () => (await import('./gdb.ts')).gdb,
	},
	help: {
		usage: 'mmtop help [COMMAND]',
		summary: 'say what a command does, which flags it takes, and give examples',
		examples: [['mmtop help run', 'the same as mmtop run --help']],
		flags: [],
		load: async () => (await import('./help.ts')).help,
	},
	completion: {
		usage: 'mmtop completion bash|zsh|fish',
		summary: 'print what makes a shell complete commands, flags, machines, experiments and files of a machine',
		examples: [
			['source <(mmtop completion bash)', 'in ~/.bashrc'],
			['source <(mmtop completion zsh)', 'in ~/.zshrc, behind compinit'],
			['mmtop completion fish > ~/.config/fish/completions/mmtop.fish', 'once'],
		],
		flags: [],
		load: async () => (await import('./completion.ts')).completion,
	},
	complete: {
		usage: 'mmtop complete [WORD…]',
		summary: undefined,
		flags: [],
		load: async () => (await import('./completion.ts')).complete,
	},
	'man-pages': {
		usage: 'mmtop man-pages DIR',
		summary: undefined,
		flags: [],
		load: async () => (await import('./manPages.ts')).writeManPages,
	},
	relay: {
		usage: 'mmtop relay [NAME]',
		summary: undefined,
		flags: [],
		load: async () => (await import('./relay.ts')).relay,
	},
};

export const commands: Commands = {monitor, named};
