/** The process list. */

import type {ProcessRow} from '../../../model/processes.ts';
import {bytes} from '../../panes/format.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, padEnd, padStart, span} from '../../terminal/lines.ts';
import {injectionTone} from '../../terminal/theme.ts';
import {type Content, listRows} from '../content.ts';

const kilobytes = (value: number | undefined): string => padStart(value === undefined ? '-' : bytes(value * 1024), 8);

const processLine = ({pid, comm, state, vmSizeKb, vmRssKb, injection}: ProcessRow): Line =>
	line(
		span(
			` ${padStart(String(pid), 6)} ${padEnd(comm, 16)} ${padEnd(state, 14)} ${kilobytes(vmSizeKb)} ${kilobytes(vmRssKb)}`,
			injection === undefined ? (vmSizeKb === undefined ? 'dim' : undefined) : injectionTone(injection),
		),
	);

export const processContent = (state: State): Content => ({
	aside: 'Enter shows its maps',
	head: [
		line(
			span(
				` ${padStart('pid', 6)} ${padEnd('comm', 16)} ${padEnd('state', 14)} ${padStart('VmSize', 8)} ${padStart('VmRSS', 8)}`,
				'heading',
			),
		),
	],
	rows: listRows(state.processes.rows, processLine),
	foot: [],
	tails: false,
});
