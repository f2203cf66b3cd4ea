/** Commands that run machines, and show them. */
import type {Commands} from '../context.ts';
import {lookFlags, machineFlags} from '../flags.ts';

export const machines: Commands['named'] = {
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
		load: async () => (await import('../serve.ts')).serve,
	},
	class: {
		usage: 'mmtop class up ROSTER',
		summary: 'run a machine for each student of a class; list, wall, freeze, collect … are for the teacher',
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
			['mmtop class freeze', 'stop all machines; students can only look until thaw'],
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
		load: async () => (await import('../class.ts')).classCommand,
	},
	'class-host': {
		usage: 'mmtop class-host',
		summary: undefined,
		flags: [],
		load: async () => (await import('../class/host.ts')).classHost,
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
		flags: ['once', 'record', 'watch', ...lookFlags],
		load: async () => (await import('../attach.ts')).attach,
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
		load: async () => (await import('../compare.ts')).compare,
	},
	targets: {
		usage: 'mmtop targets',
		summary: 'list the machines running here',
		examples: [
			['mmtop targets', 'name, time and state of each'],
			['mmtop targets --json', 'the same for programs'],
		],
		flags: ['json'],
		load: async () => (await import('../targets.ts')).targets,
	},
	relay: {
		usage: 'mmtop relay [NAME]',
		summary: undefined,
		flags: [],
		load: async () => (await import('../relay.ts')).relay,
	},
};
