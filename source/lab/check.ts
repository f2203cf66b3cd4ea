/** Checks of a reader's own drivers: a module is loaded, put to use, unloaded, and each step is observed. */
import {formatCheck} from '../formats/debugfs/lab/check.ts';
import type {FindingRecord} from '../formats/debugfs/lab/findings.ts';
import {unfitWords} from '../formats/debugfs/lab/inject.ts';
import {didYouMean} from '../formats/nearest.ts';
import {pci_rebind} from '../kernel/drivers/pci-driver.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {load_module, sys_delete_module} from '../kernel/module/loader.ts';
import {syscall} from '../kernel/syscalls.ts';
import type {Sleeps} from '../kernel/time.ts';
import {labDeviceAddress} from './board.ts';
import {LabError} from './errors.ts';
import type {Exercise, Subject} from './exercise.ts';
import {commonHints, exercises} from './exercises/list.ts';
import {placeOf} from './exercises/steps.ts';
import type {Bench, Workload} from './experiment.ts';
import {labDevice} from './experiments/labDevice.ts';
import {nowUs, told} from './experiments/steps.ts';
import {begin, type InjectionPlace} from './injections.ts';
import {type ModuleRequests, moduleOf} from './insmod.ts';
import {completeUpload, forgetUpload} from './uploads.ts';
import {dmaDump, findings, kmsg} from './views.ts';

/** The exercises as `lab/check` shows them. */
export const checkFile = (): string =>
	formatCheck({
		exercises: exercises.map(({name, title, source, task, preset, hints}) => ({
			name,
			title,
			source,
			task,
			machine: preset ?? null,
			hints: Object.entries({...hints, ...commonHints}).map(([at, says]) => ({at, says})),
		})),
	});

type CheckPlace = InjectionPlace & {
	readonly moduleRequests: ModuleRequests;
	readonly machine: {readonly preset: string};
};

/**
 * Carries out what was written to lab/check: `EXERCISE NUMBER`.
 * @param by who asks
 * @returns the number of the injection that does it
 * @throws LabError EINVAL, ENOENT, EPERM
 */
export function checkModule(place: CheckPlace, text: string, by: string): number {
	const [name = '', number = '', ...more] = text.trim().split(/\s+/);
	const exercise = exercises.find(each => each.name === name);
	if (!exercise) {
		const names = exercises.map(each => each.name);
		throw new LabError(
			'EINVAL',
			`no exercise "${name}"${didYouMean(name, names) || `; there are ${names.join(', ')}`}`,
		);
	}
	if (number === '' || more.length > 0)
		throw new LabError('EINVAL', `check takes EXERCISE NUMBER, got "${text.trim()}"`);
	const {preset} = exercise;
	if (preset !== undefined && preset !== place.machine.preset)
		throw new LabError('EPERM', unfitWords(name, `it needs a machine of another kind, --machine ${preset}`));
	const {uploads} = place.moduleRequests;
	const {name: file, bytes} = completeUpload(uploads, number);
	const module = moduleOf(file);
	const id = begin(place, workloadOf(exercise, module, bytes), {}, [`./${file}`], by);
	forgetUpload(uploads, number);
	return id;
}

function workloadOf(exercise: Exercise, module: string, bytes: Uint8Array): Workload {
	const {name, declares} = exercise;
	return {
		name,
		parameters: [],
		declares,
		comm: 'check',
		run: x => check(x, exercise, module, bytes),
	};
}

/** What Linux says when a driver does something wrong and goes on. */
const complaint = /DMA-API: .*: |BUG:|Bad page|WARNING:|nobody cared/;

/**
 * The first complaint since a time. One that is a finding about another's driver, in another's process, is left out.
 * @param pid of the check's process
 */
export const complaintSince =
	(sinceUs: number, all: readonly FindingRecord[], module: string, pid: number) =>
	({lines}: ReturnType<typeof kmsg.parse>): string | undefined => {
		const isOthers = ({driver, task}: FindingRecord) => driver !== null && driver !== module && task.pid !== pid;
		const isCounted = (timeUs: number) => {
			const found = all.filter(each => each.sinceUs === timeUs || each.untilUs === timeUs);
			return found.length === 0 || !found.every(isOthers);
		};
		return lines.find(({timeUs, text}) => timeUs >= sinceUs && complaint.test(text) && isCounted(timeUs))?.text;
	};

function* check(x: Bench, exercise: Exercise, module: string, bytes: Uint8Array): Sleeps<string> {
	const {k} = x;
	const sinceUs = nowUs(k);
	if (exercise.needsDevice) yield* takeDevice(x);
	const before = x.read(dmaDump).mappings.filter(({device}) => device === labDeviceAddress);
	const subject: Subject = {
		module,
		node: `/dev/${module}`,
		mappingsBefore: before.length,
		mappedBefore: new Set(before.map(placeOf)),
	};
	const loaded = yield* syscall(k, 'init_module', 'uargs: ""', load_module(k, module, bytes, ''));
	x.observe('insmod loads it', told(loaded), {equals: '0'});
	if (loaded < 0) return `${module} could not be loaded`;
	x.later(() => takeOut(k, module));
	const result = yield* exercise.steps(x, subject);
	const gone = yield* takeOut(k, module);
	x.observe('rmmod takes it out', told(gone), {equals: '0'});
	if (gone === 0) exercise.afterwards?.(x, subject);
	const left = (all: Parameters<typeof leftOf>[0]) => leftOf(all, module, sinceUs);
	x.expect('it leaves nothing behind', findings, left, {equals: 0});
	const complaintOf = complaintSince(sinceUs, x.read(findings).findings, module, k.cpu.current.pid);
	x.expect('the kernel has no complaint', kmsg, complaintOf, {equals: undefined});
	return result;
}

/** Findings about a module that went. */
const leftOf = ({findings: all}: ReturnType<typeof findings.parse>, module: string, sinceUs: number): number =>
	all.filter(
		({kind, driver, sinceUs: since}) =>
			since >= sinceUs && driver === module && ['module-left', 'mapping-lost', 'pool-lost'].includes(kind),
	).length;

/** @returns 0, or what delete_module answers; 0 for one that is not there */
function* takeOut(k: Kernel, module: string): Sleeps<number> {
	if (!k.modules?.loaded.has(module)) return 0;
	return yield* syscall(k, 'delete_module', `name_user: "${module}"`, sys_delete_module(k, module));
}

/** Takes the lab's device from its usual driver, which gets it back in the end. */
function* takeDevice(x: Bench): Sleeps<void> {
	const {k} = x;
	const dev = yield* labDevice(k);
	const usual = k.pci.drivers.find(({name}) => name === dev.driver);
	if (!usual) return;
	yield* pci_rebind(k, 'unbind', usual, labDeviceAddress);
	x.later(() => pci_rebind(k, 'bind', usual, labDeviceAddress));
}
