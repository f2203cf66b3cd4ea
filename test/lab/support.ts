/** Machines to run experiments on, and what is left on them afterwards. */
import {type InjectionRecord, parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {files} from '../../source/formats/files.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import type {InjectionPlace} from '../../source/lab/injections.ts';
import {bootLab, type Lab, type LabOptions, runUntil, switchOn} from '../../source/lab/lab.ts';
import {chooseMachine} from '../../source/lab/presets.ts';

export const clockPath = files.clock.path;
export const injectPath = files.inject.path;

/** Long enough for init to have started the drivers. */
const bootedNs = 300e6;
const lookNs = 20e6;
/** An experiment that takes longer hangs. */
const longestNs = 30e9;
export const mostEvents = 1e9;

/** A machine without programs of its own, booted, whose clock nothing holds. */
export function quietLab(options: LabOptions = {}): Lab {
	const lab = bootLab({load: 'none', ...options});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(bootedNs, mostEvents);
	return lab;
}

/** What these tests need of a machine. */
type Files = Pick<Lab, 'timeNs' | 'run' | 'read' | 'list'>;

/** Such a machine seen from inside, with its kernel. */
export function quietMachine(options: LabOptions = {}): Files & InjectionPlace {
	const on = switchOn(chooseMachine({load: 'none', ...options}), () => 0);
	on.clock.watch = false;
	runUntil(on, bootedNs, mostEvents);
	return {
		...{k: on.k, board: on.board, injections: on.injections},
		timeNs: () => on.k.hw.timeline.nowNs,
		run: (limitNs, events) => runUntil(on, limitNs, events),
		read: path => on.tree.read(path),
		list: path => on.tree.list(path),
	};
}

export const injections = (lab: Files): readonly InjectionRecord[] =>
	parseInject(String(lab.read(injectPath))).injections;

export const hasEnded = ({status}: {readonly status: string}) => ['done', 'failed', 'could-not-run'].includes(status);

/** Injects, and lets time pass until every one of them has ended. */
export const runAll = (lab: Lab, texts: readonly string[]): readonly InjectionRecord[] =>
	untilEnded(
		lab,
		texts.map(text => Number(lab.write(injectPath, text, 'test'))),
	);

/** Every file of the tree that is listed. */
export function everyPath(lab: Files, directory = ''): string[] {
	return lab.list(directory || '/').flatMap(name => {
		const path = `${directory}/${name.replace(/\/$/, '')}`;
		return name.endsWith('/') ? everyPath(lab, path) : [path];
	});
}

/** What a file holds, a byte of a binary one a character. */
const textOf = (content: string | Uint8Array) =>
	typeof content === 'string' ? content : Buffer.from(content).toString('latin1');

/** Each of them as text. */
export const everyFile = (lab: Files): [path: string, text: string][] =>
	everyPath(lab).map(path => [path, textOf(lab.read(path))]);

/** Lets time pass until these injections have ended, but not for ever. @throws what stopped the machine */
export function untilEnded(
	lab: Files & Partial<Pick<Lab, 'stopped'>>,
	ids: readonly number[],
): readonly InjectionRecord[] {
	const limit = lab.timeNs() + longestNs;
	for (;;) {
		const stopped = lab.stopped?.();
		if (stopped) throw stopped.cause;
		const mine = injections(lab).filter(({id}) => ids.includes(id));
		if (mine.every(hasEnded) || lab.timeNs() > limit) return mine;
		lab.run(lab.timeNs() + lookNs, mostEvents);
	}
}

export const run = (lab: Lab, text: string): InjectionRecord => runAll(lab, [text])[0]!;

/** The line with which the control's parameters are typed. */
export const controlLine = ({name, control}: Experiment): string =>
	[name, ...Object.entries(control?.set ?? {}).map(([key, value]) => `${key}=${value}`)].join(' ');

/** What an experiment must leave as it found it, read from files. */
export function belongings(lab: Files): Readonly<Record<string, string>> {
	const rows = (path: string) => String(lab.read(path)).trimEnd();
	const free = [...rows('/proc/zoneinfo').matchAll(/^ {2}pages free +(\d+)$/gm)].map(match => match[1]).join(' ');
	const perCpu = [...rows('/proc/zoneinfo').matchAll(/count: +(\d+)/g)].reduce(
		(sum, match) => sum + Number(match[1]),
		0,
	);
	const pages = free.split(' ').reduce((sum, each) => sum + Number(each), 0) + perCpu;
	return {
		'free pages': String(pages),
		'dma mappings': String(rows('/sys/kernel/debug/dma-api/dump').split('\n').length),
		aio: rows('/sys/kernel/debug/aio'),
		'aio-nr': rows('/proc/sys/fs/aio-nr'),
		// Addresses that are freed lazily are not areas any more.
		'vmalloc areas': rows('/proc/vmallocinfo')
			.replace(/^.* unpurged vm_area\n?/gm, '')
			.trimEnd(),
		'dma channels': rows('/proc/dma'),
		'bounce slots': rows('/sys/kernel/debug/swiotlb'),
		pools: lab.list('/sys/devices/pci0000:00').join(' '),
		processes: lab
			.list('/proc')
			.filter(each => /^\d+\/$/.test(each))
			.join(' '),
	};
}
