/** The machines of a class as its wall opens them. */

import {parseClass} from '../formats/debugfs/lab/class.ts';
import {serverFiles} from '../formats/files.ts';
import {classMachines, loginName} from '../target/classes.ts';
import type {ClassMachine} from '../target/classMachine.ts';
import {openSocket} from '../target/socket.ts';
import type {Target} from '../target/target.ts';
import type {WallClass} from '../ui/wall/classroom.ts';

const byName = (): string => `${loginName()}@mmtop-${process.pid}`;

const mayHelp = ({role}: ClassMachine): boolean => role === 'teacher' || role === 'helper';

/** Who only looks comes through the socket for that, if there is one: nothing waits for it. */
const socketFor = ({socket, sockets}: ClassMachine, as: 'observer' | 'helper'): string =>
	as === 'observer' ? (sockets.observe ?? socket) : socket;

/** The classes of this computer that this user teaches or helps in, by name. @throws TargetError EPERM */
export async function classrooms(env: NodeJS.ProcessEnv): Promise<readonly WallClass[]> {
	const machines = (await classMachines(env)).filter(mayHelp);
	return [...new Set(machines.map(each => each.class))].map(name => {
		const own = machines.filter(each => each.class === name);
		return {
			name,
			role: own.every(({role}) => role === 'teacher') ? 'teacher' : 'helper',
			machines: own.map(machine => ({
				student: machine.student,
				open: as => openSocket(socketFor(machine, as), machine.student, byName()),
			})),
		};
	});
}

/** The class of a machine that is looked at, where this user teaches it. */
export async function classroomOf(target: Target, env: NodeJS.ProcessEnv): Promise<WallClass | undefined> {
	if (target.kind !== 'socket') return undefined;
	try {
		const content = await target.read(serverFiles.class.path);
		const {class: name} = parseClass(typeof content === 'string' ? content : '');
		return (await classrooms(env)).find(each => each.name === name);
	} catch {
		// A machine of no class has no such file, and the monitor needs no class.
		return undefined;
	}
}
