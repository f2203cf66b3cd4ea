/** The lines around the panes: status on top, names of panes, and the keys at the bottom. */

import type {Meter} from '../model/meter.ts';
import {type Draw, drawWhenChanged} from './canvas.ts';
import {bytes, shortCount, virtualTime} from './format.ts';
import {goHint} from './framesCursor.ts';
import {appliesTo, type CommandGroup, commands, experimentKeys, keyName} from './keymap.ts';
import {leastColumns, leastRows} from './layout.ts';
import {fitLine, type Line, line, lineWidth, type Span, span, spreadLine, toned} from './lines.ts';
import {panes} from './panes.ts';
import type {Key} from './sequences.ts';
import {meterSpans} from './sparkline.ts';
import type {State} from './state.ts';

const machineText = ({machine, target}: State): string => {
	if (!machine) {
		return target.kind === 'host' ? 'this Linux' : '';
	}
	const low = machine.ramBytes - machine.highmemBytes;
	const memory =
		machine.highmemBytes > 0
			? `${bytes(machine.ramBytes)} = ${bytes(low)} low + ${bytes(machine.highmemBytes)} high`
			: bytes(machine.ramBytes);
	return `i386${machine.pae ? ' PAE' : ''}  ${memory}  ${machine.cpus} cpu  ${machine.era}`;
};

const connectionSpan = ({connection, frozen, clock}: State): Span => {
	if (connection.state === 'lost') {
		return span(' DISCONNECTED ', 'status.lost');
	}
	if (connection.state === 'connecting') {
		return span('connecting …', 'status.paused');
	}
	if (frozen) {
		return span('‖ FROZEN', 'status.paused');
	}
	if (clock?.state === 'rewinding') {
		return span(`◀ REWINDING ${virtualTime(clock.rewoundNs ?? 0)}`, 'status.paused');
	}
	if (clock?.state === 'paused') {
		return span('‖ PAUSED', 'status.paused');
	}
	return span('▶', 'status.running');
};

const clockSpans = (state: State): Span[] => {
	const {clock, behindNs, connection} = state;
	const spans: Span[] = [];
	if (clock && connection.state !== 'connecting') {
		spans.push(span(`  t ${virtualTime(state.at.timeNs)}  ×${clock.rate} `));
	}
	spans.push(connectionSpan(state));
	if (clock?.holding) {
		spans.push(span(` holding: ${clock.holding}`, 'status.paused'));
	}
	if (behindNs > 50e6) {
		spans.push(span(` behind ${(behindNs / 1e9).toFixed(1)} s`, 'warning'));
	}
	if (!state.target.writable) {
		spans.push(span(' read-only', 'warning'));
	}
	return spans;
};

const freeSpans = ({freeKb}: State): Span[] =>
	freeKb === undefined ? [] : [span('  free ', 'dim'), span(bytes(freeKb * 1024), 'number')];

const rateSpans = (name: string, meter: Meter | undefined, columns: number): Span[] => {
	if (!meter || meter.columns.length === 0) {
		return [];
	}
	const newest = meter.columns.at(-1);
	return [
		span(`  ${name} `, 'dim'),
		span((newest === undefined ? '-' : shortCount(newest)).padStart(5), 'number'),
		span('/s ', 'dim'),
		...meterSpans(meter, columns),
	];
};

/** The parts of the line after the name, the most needed first, and in the order in which they stand. */
const statusParts = (state: State): readonly {readonly place: number; readonly spans: readonly Span[]}[] => [
	{place: 3, spans: clockSpans(state)},
	{place: 4, spans: freeSpans(state)},
	{place: 0, spans: [span(`  ${machineText(state)}`)]},
	{place: 1, spans: rateSpans('faults', state.meters.faults, 8)},
	{place: 2, spans: rateSpans('allocs', state.meters.allocations, 8)},
];

/** The target, its time and how it stands, its rates and its machine: as many of them as there is room for. */
const statusLine = (state: State): Line => {
	const name = [span(' mmtop ', 'strong'), span(state.target.name, 'strong')];
	const kept: ReturnType<typeof statusParts>[number][] = [];
	let room = state.columns - lineWidth(line(...name)) - 2;
	for (const part of statusParts(state)) {
		const width = lineWidth(line(...part.spans));
		if (kept.length === 0 || width <= room) {
			kept.push(part);
			room -= width;
		}
	}
	const inOrder = kept.sort((a, b) => a.place - b.place);
	const left = inOrder.filter(({place}) => place === 0).flatMap(({spans}) => spans);
	const right = inOrder.filter(({place}) => place > 0).flatMap(({spans}) => spans);
	return toned('status', spreadLine(line(...name, ...left), line(...right, ' '), state.columns));
};

/** The panes by number; the focused one stands out, by brackets too. */
const tabLine = (state: State): Line => {
	const spans = panes.flatMap(({id}, index): Span[] => {
		const name = `${index + 1} ${id}`;
		const tab = id === state.focus ? span(`[${name}]`, 'title.focused') : span(` ${name} `, 'title');
		return [{...tab, press: String(index + 1)}];
	});
	const whole = line(...spans);
	if (lineWidth(whole) <= state.columns) {
		return fitLine(whole, state.columns);
	}
	// Too narrow for all names: numbers, and the name of the one in focus.
	const short = panes.map(({id}, index): Span => {
		const tab = id === state.focus ? span(`[${index + 1} ${id}]`, 'title.focused') : span(` ${index + 1} `, 'title');
		return {...tab, press: String(index + 1)};
	});
	return fitLine(line(...short), state.columns);
};

type Hint = {readonly press: Key; readonly key: string; readonly text: string};

/** Names of experiments by their first word, where that tells them apart. */
const experimentHints = ({experiments, target}: State): Hint[] => {
	const keyed = target.writable ? [...experimentKeys(experiments)] : [];
	const words = keyed.map(([, {name}]) => name.split('-')[0]!);
	const areDistinct = new Set(words).size === words.length;
	return keyed.map(([press, {name}], index) => ({
		press,
		key: keyName(press),
		text: areDistinct ? words[index]! : name,
	}));
};

/** Where the footer has not room for all, these go first. */
const footerGroups: readonly CommandGroup[] = ['machine', 'time', 'panes', 'lists', 'monitor'];

const commandHints = (state: State): Hint[] => {
	const here = footerGroups
		.flatMap(group => commands.filter(command => command.group === group))
		.filter(command => appliesTo(command, state.focus));
	// What only this pane has is what one looks for here.
	return [...here.filter(({panes: only}) => only), ...here.filter(({panes: only}) => !only)].flatMap(command =>
		command.footer === undefined
			? []
			: [{press: command.keys[0]!, key: command.shown ?? keyName(command.keys[0]!), text: command.footer}],
	);
};

const hintSpans = ({press, key, text}: Hint): Span[] => [
	{...span(` ${key}`, 'key'), press},
	{...span(` ${text} `), press},
];

const hintLine = (hints: readonly Hint[], columns: number): Line => {
	const spans: Span[] = [];
	let width = 0;
	for (const hint of hints) {
		const next = hintSpans(hint);
		const nextWidth = lineWidth(line(...next));
		if (width + nextWidth > columns) {
			continue;
		}
		spans.push(...next);
		width += nextWidth;
	}
	return fitLine(line(...spans), columns);
};

/** What happened or went wrong; else the filter being typed; else the keys that apply, the most needed first. */
const footerLine = (state: State): Line => {
	const {overlay, notice, connection, columns} = state;
	if (overlay?.kind === 'filter') {
		const text = state.views[overlay.pane].filter;
		return fitLine(
			line(
				span(` /${text}`, 'key'),
				span(' ', 'page.cursor'),
				span(`  ${notice?.text ?? 'Enter keeps, Esc undoes'}`, 'dim'),
			),
			columns,
		);
	}
	if (overlay?.kind === 'jump') {
		const prompt = line(span(` go to ${overlay.text}`, 'key'), span(' ', 'page.cursor'));
		const told = notice?.text ?? `Enter goes; ${goHint}`;
		return fitLine(line(...prompt.spans, span(`  ${told}`, 'dim')), columns);
	}
	if (notice) {
		return fitLine(line(span(notice.isError ? ' ! ' : '   ', 'bad'), span(notice.text, 'notice')), columns);
	}
	if (connection.state === 'lost') {
		return fitLine(line(span(` ! ${connection.reason}; trying again`, 'bad')), columns);
	}
	const last = commandHints(state).filter(({key}) => key === '?' || key === 'q');
	const others = commandHints(state).filter(({key}) => key !== '?' && key !== 'q');
	const kept = lineWidth(line(...last.flatMap(hintSpans)));
	const first = hintLine([...experimentHints(state), ...others], Math.max(0, columns - kept));
	return spreadLine(first, line(...last.flatMap(hintSpans)), columns);
};

/** For a terminal that is too small: what is missing, as much of it as fits. */
const tooSmallLine = ({columns, rows}: State): Line => {
	const missing = [
		columns < leastColumns ? `${leastColumns - columns} columns` : '',
		rows < leastRows ? `${leastRows - rows} rows` : '',
	].filter(part => part !== '');
	return fitLine(line(`mmtop needs ${missing.join(' and ')} more`), columns);
};

export const drawStatus: Draw = drawWhenChanged(
	({target, connection, frozen, clock, at, behindNs, freeKb, machine, meters, columns}) => [
		target,
		connection,
		frozen,
		clock,
		at.timeNs,
		behindNs,
		freeKb,
		machine,
		meters,
		columns,
	],
	state => [statusLine(state)],
);

export const drawTooSmall: Draw = state => [tooSmallLine(state)];

export const drawTabs: Draw = drawWhenChanged(
	({focus, columns}) => [focus, columns],
	state => [tabLine(state)],
);

export const drawFooter: Draw = drawWhenChanged(
	({overlay, notice, connection, columns, views, experiments, target, focus}) => [
		overlay,
		notice,
		connection.state === 'lost' ? connection.reason : undefined,
		columns,
		overlay?.kind === 'filter' ? views[overlay.pane].filter : undefined,
		experiments,
		target,
		focus,
	],
	state => [footerLine(state)],
);
