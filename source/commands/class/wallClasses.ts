/** The machines of a class as its wall opens them. */

import {isTeaching, parseClass} from '../../formats/debugfs/lab/class.ts';
import {serverFiles} from '../../formats/serverFiles.ts';
import {classMachines} from '../../target/classes.ts';
import {writerName} from '../../target/open.ts';
import {openSocket} from '../../target/socket.ts';
import {type Target, TargetError} from '../../target/target.ts';
import type {WallClass} from '../../ui/wall/wallClass.ts';

/** A machine that one may write to, for a teacher or helper who only looks. */
const lookedAt = (target: Target): Target => ({
	name: target.name,
	kind: target.kind,
	writable: false,
	sample: request => target.sample(request),
	read: (path, range) => target.read(path, range),
	list: path => target.list(path),
	write: async () => {
		throw new TargetError('EACCES', 'you only look in; h on the wall goes in to help');
	},
	close: () => target.close(),
});

/** The classes of this computer that this user teaches or helps in, by name. @throws TargetError EPERM */
export async function wallClasses(env: NodeJS.ProcessEnv): Promise<readonly WallClass[]> {
	const machines = (await classMachines(env)).filter(({role}) => isTeaching(role));
	return [...new Set(machines.map(each => each.class))].map(name => {
		const own = machines.filter(each => each.class === name);
		return {
			name,
			role: own.every(({role}) => role === 'teacher') ? 'teacher' : 'helper',
			machines: own.map(machine => ({
				student: machine.student,
				async open(as) {
					const target = await openSocket(machine.socket, machine.student, writerName());
					return as === 'observer' ? lookedAt(target) : target;
				},
			})),
		};
	});
}

/** The class of a machine that is looked at by a teacher or helper. */
export async function wallClassOf(target: Target, env: NodeJS.ProcessEnv): Promise<WallClass | undefined> {
	if (target.kind !== 'socket') return undefined;
	try {
		const content = await target.read(serverFiles.class.path);
		const {class: name, role} = parseClass(typeof content === 'string' ? content : '');
		// The superuser may have come through a student's socket.
		if (!isTeaching(role)) return undefined;
		return (await wallClasses(env)).find(each => each.name === name);
	} catch {
		// A machine of no class has no such file, and the monitor needs no class.
		return undefined;
	}
}
