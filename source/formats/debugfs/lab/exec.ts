/**
 * /sys/kernel/debug/lab/exec (ours), as it is read: the compiled programs that were started, oldest first.
 *
 *     # exec 0.1
 *     program: id=1 pid=131 name=hello status=exited code=0 bytes=14 kept=14
 *     program: id=2 pid=132 name=area status=killed code=4 bytes=0 kept=0
 *       note: instruction d9 e8: x87 instruction d9 /5: this processor has no floating point
 *
 * Status: `running`; `exited`, with the exit status as `code`; `killed`, with the signal as `code`. `bytes` is how much
 * it has printed, `kept` how much of that, to the end, can be read. A note says what was wrong with it, where its own
 * instruction was at fault or it could not be loaded.
 */
import {decimal, name, oneOf, sentence} from '../../cells.ts';
import {document, maybe, one, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

export type ProgramRecord = {
	readonly id: number;
	readonly pid: number;
	readonly name: string;
	readonly status: 'running' | 'exited' | 'killed';
	readonly code: number;
	readonly bytes: number;
	readonly kept: number;
	readonly note: string | null;
};

export type Exec = {readonly programs: readonly ProgramRecord[]};

type Head = Omit<ProgramRecord, 'note'>;

const head = one(
	'program',
	pairs<Head>({
		id: ['id', decimal],
		pid: ['pid', decimal],
		name: ['name', name],
		status: ['status', oneOf('running', 'exited', 'killed')],
		code: ['code', decimal],
		bytes: ['bytes', decimal],
		kept: ['kept', decimal],
	}),
);
const rest = document<Pick<ProgramRecord, 'note'>>({note: maybe('  note', sentence)});
const heading = '# exec 0.1';

export function formatExec({programs}: Exec): string {
	return joinLines([heading, ...programs.flatMap(program => [...head.write(program), ...rest.write(program)])]);
}

/** @throws FormatError */
export function parseExec(text: string): Exec {
	const lines = new Lines('lab/exec', text);
	lines.expect(heading);
	const programs: ProgramRecord[] = [];
	while (!lines.done) programs.push({...head.read(lines), ...rest.read(lines)});
	return {programs};
}
