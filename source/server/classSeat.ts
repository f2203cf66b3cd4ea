import {type ClassRecord, type ClassRole, formatClass, isTeaching} from '../formats/debugfs/lab/class.ts';
import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {files} from '../formats/files.ts';
import {serverFiles} from '../formats/serverFiles.ts';
import {sliceContent} from '../target/content.ts';
import {spellingOf} from '../target/path.ts';
import {oneLine} from '../target/sentence.ts';
import {type SampledFile, type Target, TargetError} from '../target/target.ts';

const classPath = serverFiles.class.path;
const [, labDirectory = '', fileName = ''] = /^(.*)\/([^/]+)$/.exec(classPath) ?? [];
const clockPath = files.clock.path;

/** Messages that are kept, and characters of one. */
const mostMessages = 20;
const longestMessage = 300;
const longestWord = 100;
/** A monitor asks at least every two seconds; one that was silent for longer is not counted. */
const silentAfterMs = 5000;

/** What of a class outlives the process that serves the machine. */
export type KeptClass = Pick<ClassRecord, 'messages' | 'frozenBy'> & {
	/** Whether the clock ran when the machine was frozen. */
	readonly ran: boolean;
};

type ClassSeatOptions = {
	readonly class: string;
	/** Whose machine it is; `demo` for the one of all. */
	readonly student: string;
	/** What was kept of it; undefined for a new one. */
	readonly kept?: KeptClass | undefined;
	/** Called with what is to be kept, before the writer has its answer. @throws what the system says */
	readonly keep: (kept: KeptClass) => void;
	/**
	 * A client of the machine.
	 *
	 * @param mayWrite false for one that looks on: no story waits for it
	 */
	readonly client: (by: string, mayWrite: boolean) => Target;
	readonly nowMs: () => number;
	/** Wall time in UTC, as ISO 8601 has it to the second. */
	readonly nowText: () => string;
};

/** One connection. */
type Visitor = {
	readonly who: string;
	readonly role: ClassRole;
	/** It said that it came in. */
	isPresent: boolean;
	asks: number;
	lastAskMs: number;
};

/** One who teaches and only looks on, as the wall does, changes nothing that a student sees. */
const isInside = ({role, isPresent}: Visitor): boolean => isPresent || !isTeaching(role);

/** `ann@mmtop-17` is called ann. */
const personOf = (by: string): string => by.replace(/@mmtop-\d+$/, '');

/** The machine of one student in a class: in which role a client comes, what it may, and the file lab/class. */
export class ClassSeat {
	readonly #options: ClassSeatOptions;
	readonly #visitors = new Set<Visitor>();
	#kept: KeptClass;
	#follow: {readonly by: Visitor; readonly pane: string; readonly selection: string | null} | undefined;

	constructor(options: ClassSeatOptions) {
		this.#options = options;
		this.#kept = options.kept ?? {messages: [], frozenBy: null, ran: false};
	}

	/** A machine that was frozen before it was served stands from the start. */
	async begin(): Promise<void> {
		const {frozenBy} = this.#kept;
		if (frozenBy === null) return;
		const machine = this.#options.client(`teacher:${frozenBy}`, true);
		try {
			if (!(await isRunning(machine))) return;
			await machine.write(clockPath, 'pause');
			this.#keep({...this.#kept, ran: true});
		} finally {
			await machine.close();
		}
	}

	/** What a client of that role reads. */
	#record(role: ClassRole): ClassRecord {
		const {class: name, student, nowMs} = this.#options;
		const oldest = nowMs() - silentAfterMs;
		const all = [...this.#visitors];
		const present = new Map(
			all.filter(({isPresent}) => isPresent).map(({who, role}) => [`${role} ${who}`, {who, role}] as const),
		);
		const follow = this.#follow;
		return {
			class: name,
			student,
			role,
			monitors: all.filter(each => isInside(each) && each.asks > 1 && each.lastAskMs > oldest).length,
			messages: this.#kept.messages,
			present: [...present.values()],
			frozenBy: this.#kept.frozenBy,
			follow: follow ? {who: follow.by.who, pane: follow.pane, selection: follow.selection} : null,
		};
	}

	/**
	 * A view of the machine for one connection. What it writes bears its role: `teacher:ann@mmtop-17`.
	 *
	 * @param by the client, as it calls itself
	 */
	client(by: string, role: ClassRole): Target {
		const name = `${role}:${by}`;
		// Who teaches looks on, so that no story waits for a wall of screens, until it comes in.
		const looking = this.#options.client(name, role === 'student');
		let writing = role === 'student' ? looking : undefined;
		const writer = (): Target => {
			writing ??= this.#options.client(name, true);
			return writing;
		};
		const visitor: Visitor = {who: personOf(by), role, isPresent: false, asks: 0, lastAskMs: 0};
		this.#visitors.add(visitor);
		const shower = (): Target => (visitor.isPresent ? writer() : looking);
		const text = (): string => formatClass(this.#record(role));
		return {
			...looking,
			writable: role !== 'observer',
			sample: async request => {
				visitor.asks++;
				visitor.lastAskMs = this.#options.nowMs();
				const paths = request.paths.filter(path => spellingOf(path) !== classPath);
				const sample = await shower().sample({...request, paths});
				if (paths.length === request.paths.length) return sample;
				const own: SampledFile = {text: text()};
				const named = request.paths.map(path => [path, sample.files[path] ?? own] as const);
				return {...sample, files: Object.fromEntries(named)};
			},
			read: async (path, range) =>
				spellingOf(path) === classPath ? sliceContent(text(), range) : shower().read(path, range),
			list: async path => {
				const names = await looking.list(path);
				return spellingOf(path) === labDirectory ? [...names, fileName].sort() : names;
			},
			write: async (path, text) => {
				if (role === 'observer') throw new TargetError('EACCES', 'this socket only observes');
				const isOfClass = spellingOf(path) === classPath;
				if (isOfClass) return this.#write(text.trim(), visitor, writer());
				this.#refuseFrozen(role);
				return writer().write(path, text);
			},
			close: async () => {
				this.#visitors.delete(visitor);
				if (this.#follow?.by === visitor) this.#follow = undefined;
				await looking.close();
				if (writing !== looking) await writing?.close();
			},
		};
	}

	/** @throws TargetError EPERM */
	#refuseFrozen(role: ClassRole): void {
		const {frozenBy} = this.#kept;
		if (frozenBy === null || role !== 'student') return;
		throw new TargetError('EPERM', `this machine is frozen by the teacher (${frozenBy})`);
	}

	/** @throws TargetError EPERM for who may not, EINVAL for what is not understood */
	async #write(text: string, visitor: Visitor, machine: Target): Promise<string> {
		const {role} = visitor;
		const [word = '', ...words] = text.split(/\s+/);
		if (!isTeaching(role)) {
			throw new TargetError('EPERM', `lab/class is written by the teacher of the class; you come as ${role}`);
		}
		const mayHelper = ['message', 'enter', 'leave'];
		if (role === 'helper' && !mayHelper.includes(word)) {
			throw new TargetError('EPERM', `a helper may write ${mayHelper.join(', ')}; ${shownWord(word)} is the teacher's`);
		}
		const alone = words.length === 0;
		if (word === 'message') this.#say(text.slice(word.length));
		else if (word === 'freeze' && alone) await this.#freeze(visitor.who, machine);
		else if (word === 'thaw' && alone) await this.#thaw(machine);
		else if (word === 'enter' && alone) visitor.isPresent = true;
		else if (word === 'leave' && alone) visitor.isPresent = false;
		else if (word === 'unfollow' && alone) this.#follow = undefined;
		else if (word === 'follow' && (words.length === 1 || words.length === 2)) {
			const [pane = '', selection = null] = words.map(each => shortWord(each));
			this.#follow = {by: visitor, pane: pane!, selection};
		} else {
			throw new TargetError(
				'EINVAL',
				'lab/class takes message TEXT, freeze, thaw, follow PANE [SELECTION], unfollow, enter or leave; got ' +
					shownWord(text),
			);
		}
		return '';
	}

	/** @throws TargetError EINVAL */
	#say(said: string): void {
		const text = oneLine(said);
		if (text === '' || text.length > longestMessage) {
			throw new TargetError('EINVAL', `a message has 1 to ${longestMessage} characters, got ${text.length}`);
		}
		const messages = [...this.#kept.messages, {at: this.#options.nowText(), text}].slice(-mostMessages);
		this.#keep({...this.#kept, messages});
	}

	async #freeze(who: string, machine: Target): Promise<void> {
		const runs = await isRunning(machine);
		// First of all: from here on no write of the student's comes in between.
		if (this.#kept.frozenBy === null) this.#keep({...this.#kept, frozenBy: who, ran: runs});
		// Of one that is frozen already, too: a helper may have let it run, or it could not be paused then.
		if (runs) await machine.write(clockPath, 'pause');
	}

	async #thaw(machine: Target): Promise<void> {
		const {frozenBy, ran} = this.#kept;
		if (frozenBy === null) return;
		if (ran) await machine.write(clockPath, 'run');
		this.#keep({...this.#kept, frozenBy: null, ran: false});
	}

	#keep(kept: KeptClass): void {
		this.#options.keep(kept);
		this.#kept = kept;
	}
}

async function isRunning(machine: Target): Promise<boolean> {
	const content = await machine.read(clockPath);
	return parseClock(typeof content === 'string' ? content : '').state === 'running';
}

const shownWord = (text: string): string => JSON.stringify(oneLine(text).slice(0, longestWord));

/** @throws TargetError EINVAL */
function shortWord(word: string): string {
	if (word.length > longestWord) throw new TargetError('EINVAL', `a word has at most ${longestWord} characters`);
	return oneLine(word);
}
