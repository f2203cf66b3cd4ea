/** /proc/<pid>/io: fs/proc/base.c do_io_accounting(), 2.6.20 and later. */
import {joinLines, Lines} from '../text.ts';

const labels = ['rchar', 'wchar', 'syscr', 'syscw', 'read_bytes', 'write_bytes', 'cancelled_write_bytes'] as const;

type TaskIo = Readonly<Record<(typeof labels)[number], number>>;

export const formatTaskIo = (io: TaskIo): string => joinLines(labels.map(label => `${label}: ${io[label]}`));

/** @throws FormatError */
export function parseTaskIo(text: string): TaskIo {
	const lines = new Lines('io', text);
	return Object.fromEntries(
		labels.map(label => [label, Number(lines.match(new RegExp(`^${label}: (\\d+)$`), label)[0])]),
	) as TaskIo;
}
