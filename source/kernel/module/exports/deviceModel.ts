/**
 * linux/device.h: buses, drivers, devices and classes of a driver's own. Models drivers/base (2.6.11 and later).
 *
 * Not modelled: interfaces, power management, links between the trees of /sys, events for user space (a node in /dev
 * appears at once, as udev or devtmpfs would make it), deferred probes.
 */
import {kernelAddress, logicalAddress} from '../../../hardware/address.ts';
import {devres_release_all} from '../../drivers/pci-driver.ts';
import {EEXIST, EINVAL, ENOMEM, IS_ERR} from '../../errno.ts';
import type {file_operations} from '../../fs/file.ts';
import type {DeviceNumber} from '../../fs/inode.ts';
import {mknod} from '../../fs/vfs.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {kfree, kzalloc} from '../../mm/slab.ts';
import {copy_to_user} from '../../mm/uaccess.ts';
import {printk} from '../../printk.ts';
import type {Sleeps} from '../../time.ts';
import {callC} from '../callC.ts';
import {deviceAt} from '../deviceWindows.ts';
import {formatText} from '../format.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {besides, type Gate, type GateCall, modulesOf} from '../state.ts';
import {putText, textAtAddress} from '../text.ts';
import {gate, gates, setWord, word} from './gate.ts';
import {
	addAttribute,
	addDirectory,
	addFile,
	directoriesOf,
	freeName,
	functionsBehind,
	removeAttribute,
	removeDirectory,
	type SysDirectory,
	setName,
} from './sysfs.ts';

const kobjOf = (device: number) => device + offsetOf('device', 'kobj');
const refsAt = (device: number) => kernelAddress(kobjOf(device) + offsetOf('kobject', 'kref'));

/** Devices and drivers of a bus, by their addresses. */
type Bus = {
	readonly directory: SysDirectory;
	readonly devices: Set<number>;
	readonly drivers: Map<number, SysDirectory>;
};

const busesOf = (k: Kernel) => besides<Bus>(k, 'bus');
const classesOf = (k: Kernel) => besides<SysDirectory>(k, 'class');

const MINORBITS = 20;
const numberOf = (devt: number): DeviceNumber => ({major: devt >>> MINORBITS, minor: devt & ((1 << MINORBITS) - 1)});

const isOurs = (k: Kernel, device: number) => modulesOf(k).windows.placeAt(device) !== undefined;

// ── binding ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Offers a device to a driver. @returns whether it took it */
function* bind(k: Kernel, bus: number, device: number, driver: number): Sleeps<boolean> {
	const match = word(k, 'bus_type', bus, 'match');
	if (match !== 0 && (yield* callC(k, match, [device, driver])) === 0) return false;
	setWord(k, 'device', device, 'driver', driver);
	const probe = word(k, 'bus_type', bus, 'probe') || word(k, 'device_driver', driver, 'probe');
	if (probe === 0 || (yield* callC(k, probe, [device])) === 0) return true;
	devres_release_all(k, deviceAt(k, device));
	setWord(k, 'device', device, 'driver', 0);
	return false;
}

function* unbind(k: Kernel, device: number): Sleeps<void> {
	const [driver, bus] = [word(k, 'device', device, 'driver'), word(k, 'device', device, 'bus')];
	if (driver === 0) return;
	const ofBus = bus === 0 ? 0 : word(k, 'bus_type', bus, 'remove');
	const remove = ofBus || word(k, 'device_driver', driver, 'remove');
	if (remove !== 0) yield* callC(k, remove, [device]);
	devres_release_all(k, deviceAt(k, device));
	setWord(k, 'device', device, 'driver', 0);
}

// ── devices ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A file that says `major:minor`. */
const numberFile = ({major, minor}: DeviceNumber): file_operations => ({
	name: 'dev_attr_dev',
	*read(k, _file, buffer, count, pos) {
		const bytes = Uint8Array.from([...`${major}:${minor}\n`], letter => letter.charCodeAt(0));
		const part = bytes.subarray(pos, pos + count);
		return part.length - (yield* copy_to_user(k, buffer, part));
	},
});

function initialize(k: Kernel, device: number): void {
	if (!isOurs(k, device)) kwrite32(k, refsAt(device), 1);
}

/** Where a device's directory is: below its class, its parent, or among all devices. */
function pathOf(k: Kernel, device: number, name: string): string {
	const ofClass = classesOf(k).get(word(k, 'device', device, 'class'));
	const ofParent = directoriesOf(k).get(kobjOf(word(k, 'device', device, 'parent')));
	return `${(ofClass ?? ofParent)?.path ?? '/sys/devices'}/${name}`;
}

function* add(k: Kernel, device: number): Sleeps<number> {
	const {devres: former} = deviceAt(k, device);
	modulesOf(k).beside.delete(device);
	// It may have a name by now.
	const {bus_id: name, devres} = deviceAt(k, device);
	if (devres !== former) devres.push(...former);
	if (name === '' || name === '(null)') return -EINVAL;
	const directory = addDirectory(k, pathOf(k, device, name));
	if (!directory) return -EEXIST;
	directoriesOf(k).set(kobjOf(device), directory);
	const devt = word(k, 'device', device, 'devt');
	if (devt !== 0) {
		addFile(k, directory, 'dev', numberFile(numberOf(devt)));
		mknod(k, `/dev/${name}`, 'chrdev', numberOf(devt));
	}
	const bus = word(k, 'device', device, 'bus');
	const known = busesOf(k).get(bus);
	known?.devices.add(device);
	for (const driver of known?.drivers.keys() ?? []) if (yield* bind(k, bus, device, driver)) break;
	return 0;
}

function* remove(k: Kernel, device: number): Sleeps<void> {
	yield* unbind(k, device);
	// Without a driver it may have got something as well. @see device_del()
	devres_release_all(k, deviceAt(k, device));
	busesOf(k)
		.get(word(k, 'device', device, 'bus'))
		?.devices.delete(device);
	const directory = directoriesOf(k).get(kobjOf(device));
	const devt = word(k, 'device', device, 'devt');
	const node = `/dev/${deviceAt(k, device).bus_id}`;
	if (devt !== 0 && k.vfs.nodes.get(node)?.kind === 'chrdev') k.vfs.nodes.delete(node);
	if (directory) removeDirectory(k, directory);
	directoriesOf(k).delete(kobjOf(device));
}

/** The last user's going has the device's release function called. */
function* put(k: Kernel, device: number): Sleeps<void> {
	if (device === 0 || isOurs(k, device)) return;
	const left = (kread32(k, refsAt(device)) - 1) | 0;
	kwrite32(k, refsAt(device), left);
	if (left !== 0) return;
	const release = word(k, 'device', device, 'release');
	const dev = deviceAt(k, device);
	devres_release_all(k, dev);
	modulesOf(k).beside.delete(device);
	if (release !== 0) yield* callC(k, release, [device]);
	else printk(k, 3, k.era.noReleaseLine(dev.bus_id));
	freeName(k, kobjOf(device));
}

// ── classes ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Devices that a class has made, by the class and the number. */
const createdOf = (k: Kernel) => besides<{readonly of: number; readonly devt: number}>(k, 'device of a class');

function* class_create(k: Kernel, name: number): Sleeps<number> {
	const made = yield* kzalloc(k, sizeOf('class'), GFP_KERNEL);
	if (made === undefined) return -ENOMEM;
	setWord(k, 'class', made, 'name', name);
	const error = class_register(k, made);
	if (error === 0) return made;
	kfree(k, made);
	return error;
}

function class_register(k: Kernel, at: number): number {
	const directory = addDirectory(k, `/sys/class/${textAtAddress(k, word(k, 'class', at, 'name'))}`);
	if (!directory) return -EEXIST;
	classesOf(k).set(at, directory);
	return 0;
}

function class_unregister(k: Kernel, at: number): void {
	const directory = classesOf(k).get(at);
	if (directory) removeDirectory(k, directory);
	classesOf(k).delete(at);
}

function* create(k: Kernel, of: number, parent: number, devt: number, data: number, name: string): Sleeps<number> {
	if (of === 0 || IS_ERR(of | 0)) return -EINVAL;
	const device = yield* kzalloc(k, sizeOf('device'), GFP_KERNEL);
	if (device === undefined) return -ENOMEM;
	const fields = {class: of, parent, devt, driver_data: data} as const;
	for (const [field, value] of Object.entries(fields))
		setWord(k, 'device', device, field as keyof typeof fields, value);
	initialize(k, device);
	const error = setName(k, kobjOf(device), name) || (yield* add(k, device));
	if (error < 0) {
		modulesOf(k).beside.delete(device);
		freeName(k, kobjOf(device));
		kfree(k, device);
		return error;
	}
	createdOf(k).set(device, {of, devt});
	return device;
}

function* destroy(k: Kernel, isMeant: (made: {readonly of: number; readonly devt: number}) => boolean): Sleeps<void> {
	for (const [device, made] of [...createdOf(k)]) {
		if (!isMeant(made)) continue;
		yield* remove(k, device);
		createdOf(k).delete(device);
		modulesOf(k).beside.delete(device);
		freeName(k, kobjOf(device));
		kfree(k, logicalAddress(device));
		return;
	}
}

/** Texts with words behind them. */
const text = ({k, arg}: GateCall, n: number) => formatText(k, textAtAddress(k, arg(n)), i => arg(n + 1 + i));

// ── buses and drivers ──────────────────────────────────────────────────────────────────────────────────────────────

function bus_register(k: Kernel, at: number): number {
	const directory = addDirectory(k, `/sys/bus/${textAtAddress(k, word(k, 'bus_type', at, 'name'))}`);
	if (!directory) return -EEXIST;
	busesOf(k).set(at, {directory, devices: new Set(), drivers: new Map()});
	return 0;
}

function bus_unregister(k: Kernel, at: number): void {
	const bus = busesOf(k).get(at);
	if (bus) removeDirectory(k, bus.directory);
	busesOf(k).delete(at);
}

function* driver_register(k: Kernel, driver: number): Sleeps<number> {
	const at = word(k, 'device_driver', driver, 'bus');
	const bus = busesOf(k).get(at);
	if (!bus) return -EINVAL;
	const name = textAtAddress(k, word(k, 'device_driver', driver, 'name'));
	const directory = addDirectory(k, `${bus.directory.path}/drivers/${name}`);
	if (!directory) return -EEXIST;
	bus.drivers.set(driver, directory);
	for (const device of bus.devices) if (word(k, 'device', device, 'driver') === 0) yield* bind(k, at, device, driver);
	return 0;
}

const busOfDriver = (k: Kernel, driver: number) => busesOf(k).get(word(k, 'device_driver', driver, 'bus'));

function* driver_unregister(k: Kernel, driver: number): Sleeps<void> {
	const bus = busOfDriver(k, driver);
	const directory = bus?.drivers.get(driver);
	if (!bus || !directory) return;
	for (const device of bus.devices) if (word(k, 'device', device, 'driver') === driver) yield* unbind(k, device);
	removeDirectory(k, directory);
	bus.drivers.delete(driver);
}

function* bus_for_each_dev(k: Kernel, at: number, start: number, data: number, call: number): Sleeps<number> {
	let isBehind = start === 0;
	for (const device of busesOf(k).get(at)?.devices ?? []) {
		if (isBehind) {
			const result = yield* callC(k, call, [device, data]);
			if (result !== 0) return result;
		} else isBehind = device === start;
	}
	return 0;
}

/** Attributes of one kind of thing: which directory is meant, and what a function of theirs is given first. */
const attributeGates = (
	names: readonly [create: string, remove: string],
	directory: (k: Kernel, at: number) => SysDirectory | undefined,
	before: (k: Kernel, at: number, attribute: number) => readonly number[],
): readonly Gate[] => [
	gate(names[0], (k, at, attribute) =>
		addAttribute(k, directory(k, at), attribute, {
			...functionsBehind(k, attribute),
			before: before(k, at, attribute),
		}),
	),
	gate(names[1], (k, at, attribute) => removeAttribute(k, directory(k, at), attribute)),
];

/** struct kobj_uevent_env: 32 pointers, how many are used, their texts, and how far those go. */
const ENV = {count: 128, texts: 132, used: 132 + 2048, room: 2048} as const;

function add_uevent_var(k: Kernel, env: number, line: string): number {
	const read = (offset: number) => kread32(k, kernelAddress(env + offset));
	const [count, used] = [read(ENV.count), read(ENV.used)];
	if (count >= 32 || used + line.length + 1 > ENV.room) return -ENOMEM;
	putText(k, env + ENV.texts + used, line);
	kwrite32(k, kernelAddress(env + 4 * count), env + ENV.texts + used);
	kwrite32(k, kernelAddress(env + ENV.count), count + 1);
	kwrite32(k, kernelAddress(env + ENV.used), used + line.length + 1);
	return 0;
}

export const deviceModelExports: readonly Gate[] = [
	gate('bus_register', bus_register),
	gate('bus_unregister', bus_unregister),
	gate('bus_for_each_dev', bus_for_each_dev),
	...attributeGates(
		['bus_create_file', 'bus_remove_file'],
		(k, at) => busesOf(k).get(at)?.directory,
		(_k, at) => [at],
	),
	gate('driver_register', driver_register),
	gate('driver_unregister', driver_unregister),
	...attributeGates(
		['driver_create_file', 'driver_remove_file'],
		(k, at) => busOfDriver(k, at)?.drivers.get(at),
		(_k, at) => [at],
	),
	gate('device_initialize', initialize),
	gate('device_add', add),
	gate('device_del', remove),
	gate('device_register', function* (k, device) {
		initialize(k, device);
		return yield* add(k, device);
	}),
	gate('device_unregister', function* (k, device) {
		yield* remove(k, device);
		yield* put(k, device);
	}),
	...attributeGates(
		['device_create_file', 'device_remove_file'],
		(k, at) => directoriesOf(k).get(kobjOf(at)),
		(k, at, attribute) => (k.era.deviceShowTakesAttribute ? [at, attribute] : [at]),
	),
	gate('get_device', (k, device) => {
		if (device !== 0 && !isOurs(k, device)) kwrite32(k, refsAt(device), kread32(k, refsAt(device)) + 1);
		return device;
	}),
	gate('put_device', put),
	{name: 'dev_set_name', run: call => setName(call.k, kobjOf(call.arg(0)), text(call, 1))},
	{name: 'add_uevent_var', run: call => add_uevent_var(call.k, call.arg(0), text(call, 1))},
	{
		name: 'class_create',
		run: ({k, arg}) => class_create(k, k.era.classHasOwner ? arg(1) : arg(0)),
	},
	gate('class_simple_create', (k, _owner, name) => class_create(k, name)),
	gate('class_register', class_register),
	gate('class_unregister', class_unregister),
	...gates(['class_destroy', 'class_simple_destroy'], (k, at) => {
		if (at === 0 || IS_ERR(at | 0)) return;
		class_unregister(k, at);
		kfree(k, logicalAddress(at));
	}),
	{
		name: 'device_create',
		run: call => create(call.k, call.arg(0), call.arg(1), call.arg(2), call.arg(3), text(call, 4)),
	},
	...['class_device_create', 'class_simple_device_add'].map(
		(name): Gate => ({
			name,
			run: call => create(call.k, call.arg(0), call.arg(2), call.arg(1), 0, text(call, 3)),
		}),
	),
	...gates(['device_destroy', 'class_device_destroy'], (k, of, devt) =>
		destroy(k, made => made.of === of && made.devt === devt),
	),
	gate('class_simple_device_remove', (k, devt) => destroy(k, made => made.devt === devt)),
];
