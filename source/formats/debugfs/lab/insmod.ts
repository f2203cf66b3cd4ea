/**
 * /sys/kernel/debug/lab/insmod and lab/rmmod (ours), as they are read: what was asked to be loaded or unloaded, oldest
 * first.
 *
 *     # insmod 0.1
 *     request: id=1 pid=131 action=insmod module=simple status=done errno=0
 *
 * Status: `running`, then `done`; the error number is 0 where it went well.
 */
import {decimal, name, oneOf} from '../../cells.ts';
import {document, many, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

type ModuleRequest = {
	readonly id: number;
	readonly pid: number;
	readonly action: 'insmod' | 'rmmod';
	readonly module: string;
	readonly status: 'running' | 'done';
	readonly errno: number;
};

export type Insmod = {readonly requests: readonly ModuleRequest[]};

const body = document<Insmod>({
	requests: many(
		'request',
		pairs<ModuleRequest>({
			id: ['id', decimal],
			pid: ['pid', decimal],
			action: ['action', oneOf('insmod', 'rmmod')],
			module: ['module', name],
			status: ['status', oneOf('running', 'done')],
			errno: ['errno', decimal],
		}),
	),
});
const heading = '# insmod 0.1';

export const formatInsmod = (record: Insmod): string => joinLines([heading, ...body.write(record)]);

/** @throws FormatError */
export function parseInsmod(text: string): Insmod {
	const lines = new Lines('lab/insmod', text);
	lines.expect(heading);
	const record = body.read(lines);
	if (!lines.done) lines.fail('request: …');
	return record;
}
