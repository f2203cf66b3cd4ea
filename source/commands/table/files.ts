/** Commands that read and write the files of a machine. */
import type {Commands} from '../context.ts';
import {sourceFlags} from '../flags.ts';

export const files: Commands['named'] = {
	ls: {
		usage: 'mmtop ls [PATH]',
		summary: "list a directory of a machine's file tree",
		about: 'Directories end with a slash. Without --target the machine is a fresh one.',
		examples: [
			['mmtop ls /proc', 'what a fresh machine has there'],
			['mmtop ls -t lab0 /sys/kernel/debug', 'the files of debugfs'],
		],
		flags: [...sourceFlags, 'json'],
		load: async () => (await import('../ls.ts')).ls,
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
		flags: [...sourceFlags, 'json', 'every'],
		load: async () => (await import('../cat.ts')).cat,
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
		flags: sourceFlags,
		load: async () => (await import('../metrics.ts')).metrics,
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
		flags: [...sourceFlags, 'follow'],
		load: async () => (await import('../trace.ts')).trace,
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
		flags: sourceFlags,
		load: async () => (await import('../write.ts')).write,
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
		flags: sourceFlags,
		load: async () => (await import('../export.ts')).exportTree,
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
		flags: [...sourceFlags, 'output', 'html'],
		load: async () => (await import('../report.ts')).report,
	},
};
