/** A simulated machine that drivers in C are loaded into, and a program that uses them: what both say. */
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {parseInsmod} from '../../source/formats/debugfs/lab/insmod.ts';
import {parseKmsg} from '../../source/formats/proc/kmsg.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {bootLab, type Lab, switchOn} from '../../source/lab/lab.ts';

const directory = '/sys/kernel/debug/lab';
const asManyAsItTakes = Number.MAX_SAFE_INTEGER;
const pieceBytes = 30_000;
const edu = '0000:00:05.0';

type ModuleLab = {
	readonly lab: Lab;
	/** Loads a module. @returns 0 or an error number */
	readonly insmod: (name: string, bytes: Uint8Array) => number;
	readonly rmmod: (name: string) => number;
	/** Runs a program to its end, or to the machine's. @returns its lines */
	readonly run: (program: Uint8Array, args: readonly string[]) => readonly string[];
	/** Lines of the log since the last time. */
	readonly dmesg: () => readonly string[];
};

/** The recorded kernel has no CONFIG_DEBUG_PREEMPT, which ours have. */
export function bootModuleLab(era: EraName): ModuleLab {
	const lab = bootLab({era, load: 'none'}, (machine, rewoundNs) =>
		switchOn({...machine, kernel: {...machine.kernel, debug: {...machine.kernel.debug, preempt: false}}}, rewoundNs),
	);
	lab.write(`${directory}/clock`, 'watch off', 'test');
	const step = (ns: number) => lab.run(lab.timeNs() + ns, asManyAsItTakes);
	step(0.2e9);
	// The example device is the driver's that comes with the machine.
	lab.write('/sys/bus/pci/drivers/dad/unbind', edu, 'test');
	step(0.05e9);

	const upload = (file: string, name: string, bytes: Uint8Array) => {
		const number = lab.write(`${directory}/${file}`, `load ${name} ${bytes.length}`, 'test');
		for (let at = 0; at < bytes.length; at += pieceBytes) {
			const piece = Buffer.from(bytes.subarray(at, at + pieceBytes)).toString('base64');
			lab.write(`${directory}/${file}`, `data ${number} ${piece}`, 'test');
		}
		return number;
	};
	const done = (id: string) => {
		for (;;) {
			const {requests} = parseInsmod(lab.read(`${directory}/insmod`) as string);
			const request = requests.find(each => each.id === Number(id))!;
			if (request.status === 'done') return request.errno;
			if (lab.stopped()) throw new Error(lab.stopped()!.sentence);
			step(1e6);
		}
	};
	let seen = parseKmsg(lab.read('/proc/kmsg') as string).lines.length;
	return {
		lab,
		insmod(name, bytes) {
			const number = upload('insmod', `${name}.ko`, bytes);
			return done(lab.write(`${directory}/insmod`, `insert ${number}`, 'test'));
		},
		rmmod: name => done(lab.write(`${directory}/rmmod`, name, 'test')),
		run(program, args) {
			const number = upload('exec', 't', program);
			const id = lab.write(`${directory}/exec`, `run ${number} ${JSON.stringify(args)}`, 'test');
			const status = () =>
				parseExec(lab.read(`${directory}/exec`) as string).programs.find(each => each.id === Number(id))!.status;
			while (!lab.stopped() && status() === 'running') step(1e6);
			const text = Buffer.from(lab.read(`${directory}/exec/${id}`) as Uint8Array).toString('latin1');
			return text.split('\n').slice(0, -1);
		},
		dmesg() {
			const {lines} = parseKmsg(lab.read('/proc/kmsg') as string);
			const fresh = lines.slice(seen).map(({text}) => text);
			seen = lines.length;
			return fresh;
		},
	};
}
