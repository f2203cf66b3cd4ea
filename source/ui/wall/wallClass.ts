/** The machines of a class, as its wall needs them: each with what opens it. */

import type {Target} from '../../target/target.ts';

export type WallMachine = {
	/** Login of its student, or what a shared machine is called. */
	readonly student: string;
	/**
	 * Connects to it: to look on, or with the rights of a helper or a teacher.
	 *
	 * @throws TargetError where it is not there or refuses the connection
	 */
	readonly open: (as: 'observer' | 'helper') => Promise<Target>;
};

export type WallClass = {
	readonly name: string;
	/** A helper may go in and send messages, a teacher may freeze and lead, too. */
	readonly role: 'teacher' | 'helper';
	/** One at least. */
	readonly machines: readonly WallMachine[];
};
