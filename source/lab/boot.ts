/** Switches a machine on: plugs devices in, starts the kernel, binds drivers, starts programs. */
import {powerOn} from '../hardware/machine.ts';
import type {scsi_disk} from '../kernel/drivers/sd.ts';
import {kernel_thread} from '../kernel/fork.ts';
import {labfs, labfs_install} from '../kernel/fs/labfs.ts';
import {mount} from '../kernel/fs/vfs.ts';
import {type Kernel, start_kernel} from '../kernel/kernel.ts';
import {pdflush} from '../kernel/mm/pdflush.ts';
import {kswapd} from '../kernel/mm/vmscan.ts';
import type {task_struct} from '../kernel/sched.ts';
import {startTimers} from '../kernel/tick.ts';
import type {Sleeps} from '../kernel/time.ts';
import {sharedQueue} from '../kernel/workqueue.ts';
import {pciNames, plugIn} from './board.ts';
import {type Board, startModules, withDrivers} from './drivers.ts';
import {bigLog, database, installed} from './files.ts';
import type {LabDevice} from './lab.ts';
import {type LabLoad, newLoad, setDevices} from './load.ts';
import type {LabMachine} from './presets.ts';
import {dbwriter} from './programs/dbwriter.ts';
import {reader} from './programs/reader.ts';
import {shell} from './programs/shell.ts';
import {startProcess} from './programs/start.ts';
import type {User} from './userland.ts';

/** @returns a kernel whose first events are due: no task has run yet */
export function boot(machine: LabMachine): {
	k: Kernel;
	devices: readonly LabDevice[];
	board: Board;
	load: LabLoad;
} {
	const hw = powerOn(machine.hardware);
	const slots = plugIn(hw);
	const load = newLoad(machine.load);
	setDevices(slots, load);
	const k = start_kernel(hw, machine.kernel);
	const board = withDrivers(k, slots);
	mountRoot(k, board.drivers.sd);
	startTimers(k);
	const init = {comm: 'init', path: '/sbin/init', argv: ['init'], parent: null};
	k.sched.child_reaper = startProcess(k, init, u => runInit(u, board, load));
	sharedQueue(k);
	kernel_thread(k, 'kswapd0', kswapd);
	kernel_thread(k, k.era.writebackThreadName, pdflush);
	return {k, board, load, devices: devicesOf(k, board)};
}

const devicesOf = (k: Kernel, board: Board): LabDevice[] =>
	(Object.keys(pciNames) as (keyof typeof pciNames)[]).map(slot => {
		const {address} = board[slot].pci;
		return {address, name: pciNames[slot], driver: () => k.dma.devices.get(address)?.driver ?? null};
	});

/** The disk has to be there before the first program can be loaded from it. */
function mountRoot(k: Kernel, disk: scsi_disk): void {
	const root = labfs(disk.bdev, '/');
	mount(k, root);
	for (const {path, pages} of installed) labfs_install(k, root, path, pages);
}

/** The first process: brings the other devices up, starts what the box is for, and reaps what is orphaned. */
function* runInit(u: User, board: Board, load: LabLoad): Sleeps<number> {
	const {k} = u;
	yield* startModules(k, board, load);
	const parent = k.cpu.current;
	if (load.now !== 'none') startPrograms(k, parent, load);
	for (;;) {
		yield* u.wait(-1);
		yield* u.sleep(10);
	}
}

function startPrograms(k: Kernel, parent: task_struct, load: LabLoad): void {
	startProcess(k, {comm: 'sh', path: '/bin/sh', argv: ['-sh'], parent}, user => shell(user, load));
	startProcess(k, {comm: 'dbwriter', path: '/usr/sbin/dbwriter', argv: ['dbwriter', database.path], parent}, user =>
		dbwriter(user, database.path, database.pages, load),
	);
	startProcess(k, {comm: 'grep', path: '/bin/grep', argv: ['grep', '-c', 'error', bigLog.path], parent}, user =>
		reader(user, bigLog.path, load),
	);
}
