import {Box} from 'ink';
import {memo} from 'react';
import type {Meter} from '../../../model/meter.ts';
import {bytes, plural, shortCount, virtualTime} from '../../panes/format.ts';
import type {LabRecords} from '../../state/lab.ts';
import type {Picture} from '../../state/picture.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, lineWidth, type Span, span, toned} from '../../terminal/lines.ts';
import {meterSpans} from '../sparkline.ts';
import {Row} from './Row.tsx';

export type StatusProps = Pick<State, 'target' | 'connection' | 'meters' | 'columns' | 'rewinding' | 'advice'> &
	Pick<LabRecords, 'clock' | 'load' | 'freeKb' | 'machine'> &
	Pick<Picture, 'frozen' | 'behindNs'> & {
		readonly timeNs: number;
		/** Whether what others inject is shown, on a machine that has others. */
		readonly withOthers: boolean;
		/** Whether an injection asks for a prediction first. */
		readonly asksFirst: boolean;
		/** Why the machine goes no further. */
		readonly stopped: string | undefined;
		/** Which of several machines it is: ` 1/2`. */
		readonly place: string;
		/** Findings that were never on the screen. */
		readonly unseen: number;
		/** Of a recording: where it is played, in words, and whether it stands still there. */
		readonly played: string | undefined;
		readonly isPlayPaused: boolean;
		/** Seconds of the machine, or of the recording, in a second of wall time. */
		readonly rate: number | undefined;
	};

function machineText({machine, target, advice}: StatusProps): string {
	if (!machine) return target.kind === 'host' ? `this Linux${advice === '' ? '' : ` · ${advice}`}` : '';
	const low = machine.ramBytes - machine.highmemBytes;
	const memory =
		machine.highmemBytes > 0
			? `${bytes(machine.ramBytes)} = ${bytes(low)} low + ${bytes(machine.highmemBytes)} high`
			: bytes(machine.ramBytes);
	return `i386${machine.pae ? ' PAE' : ''}  ${memory}  ${machine.cpus} cpu  ${machine.era}`;
}

function connectionSpan({connection, frozen, clock, played, isPlayPaused}: StatusProps): Span {
	if (connection.state === 'lost') return span(' DISCONNECTED ', 'status.lost');
	if (connection.state === 'silent') return span(' NO ANSWER ', 'status.lost');
	if (connection.state === 'connecting') return span('connecting …', 'status.paused');
	if (frozen) return span('‖ FROZEN', 'status.paused');
	if (clock?.state === 'panic' || clock?.state === 'broken') {
		return span(` ${clock.state.toUpperCase()} `, 'status.lost');
	}
	if (played !== undefined) return isPlayPaused ? span('‖ PAUSED', 'status.paused') : span('▶', 'status.running');
	return clock?.state === 'paused' ? span('‖ PAUSED', 'status.paused') : span('▶', 'status.running');
}

const seconds = (ns: number): string => (ns / 1e9).toFixed(1);

/** How far the way back is, how long it takes, and the key that ends it: in as many words as there is room for. */
function rewindingSpans({rewinding, connection, frozen, target}: StatusProps): readonly Span[][] {
	if (!rewinding || connection.state !== 'live' || frozen) return [];
	const {atNs, toNs, leftMs} = rewinding;
	const far = `${seconds(atNs)} of ${seconds(toNs)} s`;
	const left = leftMs === undefined ? '' : `, ${Math.ceil(leftMs / 1000)} s left`;
	const key = target.kind === 'embedded' ? 'space' : 'P';
	const stays = target.writable ? `: ${key} stays here` : '';
	return [`  ◀ REWINDING ${far}${left}${stays}`, `  ◀ ${far}${left}${stays && `: ${key}`}`].map(text => [
		span(text, 'status.paused'),
	]);
}

function clockSpans(props: StatusProps): Span[] {
	const {clock, behindNs, connection, target, timeNs, played, rate} = props;
	const spans: Span[] = [];
	if (clock && connection.state !== 'connecting') {
		spans.push(span(`  t ${virtualTime(timeNs)}  ×${rate} `));
	}
	spans.push(connectionSpan(props));
	if (played !== undefined) spans.push(span(` ${played}`));
	if (clock?.holding) spans.push(span(` holding: ${clock.holding}`, 'status.paused'));
	if (behindNs > 50e6) spans.push(span(` behind ${(behindNs / 1e9).toFixed(1)} s`, 'warning'));
	if (!target.writable) spans.push(span(' read-only', 'warning'));
	if (props.withOthers) spans.push(span(' others too', 'status.paused'));
	if (props.asksFirst) spans.push(span(' predict first', 'status.paused'));
	return spans;
}

const stoppedSpans = ({stopped}: StatusProps): Span[] => (stopped === undefined ? [] : [span(` ${stopped}`, 'bad')]);

const freeSpans = ({freeKb}: StatusProps): Span[] =>
	freeKb === undefined ? [] : [span('  free ', 'dim'), span(bytes(freeKb * 1024), 'number')];

const loadSpans = ({load}: StatusProps): Span[] => (load ? [span('  load ', 'dim'), span(load.load)] : []);

function rateSpans(name: string, meter: Meter | undefined, columns: number): Span[] {
	if (!meter || meter.columns.length === 0) return [];
	const newest = meter.columns.at(-1);
	return [
		span(`  ${name} `, 'dim'),
		span((newest === undefined ? '-' : shortCount(newest)).padStart(5), 'number'),
		span('/s ', 'dim'),
		...meterSpans(meter, columns),
	];
}

/** What was found and not looked at, in as many words as there is room for. */
function findingSpans({unseen}: StatusProps): readonly Span[][] {
	if (unseen === 0) return [];
	const whole = ` ${plural(unseen, 'finding')} · 0 shows ${unseen === 1 ? 'it' : 'them'}`;
	return [whole, ` ${unseen} found: 0`].map(text => [span(text, 'warning')]);
}

/** What there is room for beside the name: the most needed first, in the order in which they stand. */
function keptParts(
	props: StatusProps,
	room: number,
): {readonly machine: readonly Span[]; readonly live: readonly Span[]} {
	const rewinding = rewindingSpans(props);
	const clockForms = rewinding.length > 0 ? rewinding : [clockSpans(props)];
	// Of several forms of a part the first that fits; of the first part the last at least.
	const parts: readonly {readonly place: number; readonly forms: readonly (readonly Span[])[]}[] = [
		{place: 4, forms: clockForms},
		{place: 5, forms: [stoppedSpans(props)]},
		{place: 6, forms: findingSpans(props)},
		{place: 7, forms: [freeSpans(props)]},
		{place: 0, forms: [[span(`  ${machineText(props)}`)]]},
		{place: 2, forms: [rateSpans('faults', props.meters.faults, 8)]},
		{place: 3, forms: [rateSpans('allocs', props.meters.allocations, 8)]},
		{place: 1, forms: [loadSpans(props)]},
	];
	let left = room;
	const kept = parts.flatMap(({place, forms}, index) => {
		const spans = forms.find(form => lineWidth(line(...form)) <= left) ?? (index === 0 ? forms.at(-1) : undefined);
		if (!spans) return [];
		left -= lineWidth(line(...spans));
		return [{place, spans}];
	});
	const at = (isThere: (place: number) => boolean): Span[] =>
		kept
			.filter(({place}) => isThere(place))
			.sort((a, b) => a.place - b.place)
			.flatMap(({spans}) => spans);
	return {machine: at(place => place <= 1), live: at(place => place > 1)};
}

const bar = (...spans: readonly Span[]): Line => toned('status', line(...spans));

/** The target, its time and how it stands, its rates and its machine: as many of them as there is room for. */
export const StatusBar = memo(function StatusBar(props: StatusProps) {
	const {target, columns} = props;
	const name = [span(' mmtop ', 'strong'), span(target.name, 'strong'), span(props.place, 'dim')];
	const {machine, live} = keptParts(props, columns - lineWidth(line(...name)) - 2);
	const right = bar(...live, span(' '));
	// The left part gives way.
	const rightColumns = Math.min(columns, lineWidth(right));
	return (
		<Box width={columns} height={1}>
			<Row line={bar(...name, ...machine)} columns={columns - rightColumns} />
			<Row line={right} columns={rightColumns} />
		</Box>
	);
});
