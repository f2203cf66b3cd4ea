/** A class of machines in a test's hands. */

import {type ClassRecord, formatClass, parseClass} from '../../../source/formats/debugfs/lab/class.ts';
import {path} from '../../../source/model/paths.ts';
import {type Target, TargetError} from '../../../source/target/target.ts';
import type {WallClass} from '../../../source/ui/wall/wallClass.ts';
import {createFakeTarget, type FakeTarget} from './fakeTarget.ts';

export const classRecord = (student: string, change: Partial<ClassRecord> = {}): ClassRecord => ({
	class: 'monday',
	student,
	role: 'student',
	monitors: 1,
	messages: [],
	present: [],
	frozenBy: null,
	follow: null,
	...change,
});

export type ClassSeat = {
	readonly student: string;
	/** As its server has it. */
	readonly machine: FakeTarget;
	/** What was opened, and closed again. */
	readonly happened: string[];
	/** While set, nothing can be opened. */
	lost: string | undefined;
	/** While set, what is opened never answers. */
	isStill: boolean;
	change(change: Partial<ClassRecord>): void;
	record(): ClassRecord;
};

/** A machine whose lab/class takes what a teacher writes. */
export function createSeat(student: string): ClassSeat {
	const machine = createFakeTarget({name: student});
	const record = (): ClassRecord => parseClass(machine.files.get(path.class)!);
	const change = (to: Partial<ClassRecord>): void =>
		void machine.files.set(path.class, formatClass({...record(), ...to}));
	machine.files.set(path.class, formatClass(classRecord(student, {role: 'teacher'})));
	machine.onWrite = (place, text) => {
		if (place !== path.class) return place === path.inject ? '1' : '';
		const [word, ...rest] = text.split(' ');
		if (word === 'message') change({messages: [...record().messages, {at: '10:00', text: rest.join(' ')}]});
		if (word === 'freeze') change({frozenBy: 'ada'});
		if (word === 'thaw') change({frozenBy: null});
		if (word === 'enter') change({present: [{who: 'ada', role: 'teacher'}]});
		if (word === 'follow') change({follow: {who: 'ada', pane: rest[0]!, selection: rest[1] ?? null}});
		if (word === 'unfollow') change({follow: null});
		return '';
	};
	return {student, machine, happened: [], lost: undefined, isStill: false, change, record};
}

/** The class that a teacher sees. */
export const classroomOf = (seats: readonly ClassSeat[], role: WallClass['role'] = 'teacher'): WallClass => ({
	name: 'monday',
	role,
	machines: seats.map(seat => ({
		student: seat.student,
		async open(as): Promise<Target> {
			if (seat.lost !== undefined) throw new TargetError('EDISCONNECTED', seat.lost);
			if (seat.isStill) await new Promise(() => {});
			seat.happened.push(`opened as ${as}`);
			const {machine} = seat;
			let hasEntered = false;
			return {
				...machine,
				writable: as === 'helper',
				sample: request => machine.sample(request),
				async write(place, text) {
					if (as === 'observer') throw new TargetError('EACCES', 'this socket only observes');
					hasEntered ||= text === 'enter';
					return machine.write(place, text);
				},
				async close() {
					seat.happened.push(`closed as ${as}`);
					// As a server does: who left is not present any more.
					if (hasEntered) seat.change({present: []});
				},
			};
		},
	})),
});
