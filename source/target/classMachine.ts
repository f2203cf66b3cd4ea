/** A machine of a class on this computer, as this user reaches it. */
export type ClassMachine = {
	/** The class's name. */
	readonly class: string;
	/** Whose machine it is, by login; `demo` for the one that all share. */
	readonly student: string;
	/** Where its sockets lie. */
	readonly directory: string;
	/**
	 * `teacher`: everything, and what only a teacher may write to lab/class. `helper`: may write to the machine.
	 * `student`: it is one's own. `observer`: may look.
	 */
	readonly role: 'teacher' | 'helper' | 'student' | 'observer';
	/** Path of the socket for the role. */
	readonly socket: string;
};
