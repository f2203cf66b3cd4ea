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
	/** Paths of those sockets that lie there. */
	readonly sockets: {
		readonly teacher?: string;
		readonly helper?: string;
		readonly control?: string;
		readonly observe?: string;
	};
	/** The one of them for the role. */
	readonly socket: string;
};
