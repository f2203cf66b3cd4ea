/** The process list. */

import type {ProcessRow} from '../../model/processes.ts';
import {type Content, listRows} from '../content.ts';
import {bytes} from '../format.ts';
import {type Line, line, padEnd, span} from '../lines.ts';
import type {State} from '../state.ts';
import {injectionTone} from '../theme.ts';

const kilobytes = (value: number | undefined): string => (value === undefined ? '-' : bytes(value * 1024)).padStart(8);

const processLine = ({pid, comm, state, vmSizeKb, vmRssKb, injection}: ProcessRow, pidColumns: number): Line =>
	line(
		span(
			` ${String(pid).padStart(pidColumns)} ${padEnd(comm, 16)} ${padEnd(state, 14)} ${kilobytes(vmSizeKb)} ${kilobytes(vmRssKb)}`,
			injection === undefined ? (vmSizeKb === undefined ? 'dim' : undefined) : injectionTone(injection),
		),
	);

export const processContent = (state: State): Content => {
	const pidColumns = state.processes.reduce((most, {pid}) => Math.max(most, String(pid).length), 6);
	const sizes = `${'VmSize'.padStart(8)} ${'VmRSS'.padStart(8)}`;
	return {
		aside: 'Enter shows its maps',
		head: [
			line(span(` ${'pid'.padStart(pidColumns)} ${padEnd('comm', 16)} ${padEnd('state', 14)} ${sizes}`, 'heading')),
		],
		rows: listRows(state.processes.map(row => ({id: row.id, line: () => processLine(row, pidColumns)}))),
		foot: [],
		tails: false,
	};
};
