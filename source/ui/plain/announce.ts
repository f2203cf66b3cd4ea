/**
 * What happened between two states, in sentences. Only what is new is said, once; when nothing happens there is
 * silence.
 */

import {type InjectionRecord, isOver, observationLine, statusWords} from '../../formats/debugfs/lab/inject.ts';
import type {MapsRow} from '../../model/maps.ts';
import {comparison} from '../panes/comparison.ts';
import {virtualTime} from '../panes/format.ts';
import {modelIn} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {areaSentence, selectedText, spoken} from './words.ts';

/** More of a kind at once are counted in place of being read out. */
const mostAtOnce = 4;

const observationWords = {held: 'holds', failed: 'does not hold', open: 'open'} as const;

function injectionNews(newer: InjectionRecord, older: InjectionRecord | undefined): string[] {
	const told = newer.narration.slice(older?.narration.length ?? 0).map(({text}) => spoken(text));
	const observed = newer.observations
		.filter(({state}, index) => state !== 'open' && older?.observations[index]?.state !== state)
		.map(each => `${observationWords[each.state]}: ${observationLine(each)}`);
	const ended = isOver(newer) && older?.status !== newer.status ? [`${newer.name} ${statusWords(newer)}`] : [];
	return [...told, ...observed, ...ended.map(text => (newer.result === null ? text : `${text}: ${newer.result}`))];
}

/** What became of the prediction, when it is over. */
function predictionNews(
	{lab, injections: {predictions}}: State,
	newer: InjectionRecord,
	older: InjectionRecord | undefined,
): string[] {
	const predicted = predictions.get(newer.id);
	const experiment = lab.experiments.find(({name}) => name === newer.name);
	return predicted !== undefined && experiment && isOver(newer) && !(older && isOver(older))
		? [comparison(experiment, newer, predicted).text]
		: [];
}

function injections(older: State, newer: State): string[] {
	// What was there before this monitor came is not news.
	const {newest} = older.injections;
	if (older.lab.inject === newer.lab.inject || newest === undefined) return [];
	const before = new Map(older.lab.inject?.injections.map(each => [each.id, each]));
	return (newer.lab.inject?.injections ?? []).flatMap(each => {
		const known = before.get(each.id);
		const begun = known || each.id <= newest ? [] : [`${each.name} begins, by ${each.by}`];
		return known === each ? [] : [...begun, ...injectionNews(each, known), ...predictionNews(newer, each, known)];
	});
}

function isNews(row: MapsRow, before: ReadonlyMap<string, MapsRow>): boolean {
	const known = before.get(row.id);
	const {mark} = row;
	return mark !== undefined && (known?.mark?.kind !== mark.kind || known.mark.sinceMs !== mark.sinceMs);
}

function countKinds(rows: readonly MapsRow[]): string {
	const counts = new Map<string, number>();
	for (const {mark} of rows) {
		counts.set(mark!.kind, (counts.get(mark!.kind) ?? 0) + 1);
	}
	return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function areas(older: State, newer: State): string[] {
	const [before, now] = [modelIn(older, 'maps'), modelIn(newer, 'maps')];
	if (!now || now === before) return [];
	if (now.pid !== before?.pid) return before ? [`maps shows process ${now.pid} ${now.comm}, ${now.areas} areas`] : [];
	const rows = new Map(before.rows.map(row => [row.id, row]));
	const news = now.rows.filter(row => isNews(row, rows));
	return news.length > mostAtOnce
		? [`${news.length} areas of process ${now.pid} changed: ${countKinds(news)}`]
		: news.map(areaSentence);
}

function log(older: State, newer: State): string[] {
	const [before, now] = [modelIn(older, 'log'), modelIn(newer, 'log')];
	if (!before || !now || before === now) return [];
	const known = new Set(before.rows.map(({id}) => id));
	const news = now.rows.filter(({id}) => !known.has(id));
	const words = {bad: 'log, bad:', warning: 'log, warning:', usual: 'log:'} as const;
	const told = news.slice(-mostAtOnce).map(({severity, line}) => `${words[severity]} ${line.text}`);
	return news.length > told.length ? [`${news.length} lines in the log, the last:`, ...told] : told;
}

function connection(older: State, newer: State): string[] {
	if (older.connection.state === newer.connection.state || older.connection.state === 'connecting') return [];
	switch (newer.connection.state) {
		case 'lost':
			return [`disconnected: ${newer.connection.reason}; trying again`];
		case 'silent':
			return [newer.connection.reason];
		default:
			return [older.connection.state === 'silent' ? `${newer.target.name} answers again` : 'connected again'];
	}
}

function clock(older: State, {lab: {clock: now}, picture: {at, seq}}: State): string[] {
	const {clock: before} = older.lab;
	if (!before || !now) return [];
	const wentBack = at.timeNs < older.picture.at.timeNs || seq < older.picture.seq;
	const back = wentBack ? [`time went back to ${virtualTime(at.timeNs)}`] : [];
	const rate = before.rate === now.rate ? [] : [`rate ${now.rate}`];
	if (before.state === now.state) return [...back, ...rate];
	const stopped = now.state === 'rewinding' ? undefined : now.stopped;
	if (stopped !== undefined) return [...back, stopped];
	const stands = now.state === 'paused' ? `time is paused at ${virtualTime(at.timeNs)}` : `time is ${now.state}`;
	return [...back, stands, ...rate];
}

const frozen = (older: State, newer: State): string[] =>
	older.picture.frozen === newer.picture.frozen
		? []
		: [newer.picture.frozen ? 'the picture is frozen' : 'the picture goes on'];

const ended = (older: State, newer: State): string[] =>
	newer.processes.hasEnded && !older.processes.hasEnded
		? [`process ${newer.processes.picturedPid ?? ''} has ended`]
		: [];

/** What a person did in a pane: another row, another order. */
function moves(older: State, newer: State): string[] {
	const {focus} = newer;
	if (focus !== older.focus) return [];
	const hasMoved =
		older.views[focus].selected !== newer.views[focus].selected || older.frames.cursorPfn !== newer.frames.cursorPfn;
	const text = hasMoved ? selectedText(newer, focus) : undefined;
	const {filter, sort} = newer.views[focus];
	const arranged = older.views[focus].sort === sort ? [] : [sort ? `sorted by ${sort.field}` : 'in its own order'];
	const filtered = older.views[focus].filter !== '' && filter === '' ? ['no filter'] : [];
	return [...arranged, ...filtered, ...(text === undefined ? [] : [text])];
}

const notice = (older: State, newer: State): string[] =>
	newer.notice && newer.notice !== older.notice ? [spoken(newer.notice.text)] : [];

const parts = [notice, connection, clock, frozen, injections, areas, ended, log, moves];

export const announce = (older: State, newer: State): readonly string[] =>
	older === newer ? [] : parts.flatMap(part => part(older, newer));
