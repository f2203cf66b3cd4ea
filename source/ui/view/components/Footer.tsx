import {Box} from 'ink';
import {memo} from 'react';
import {goHint} from '../../panes/jump.ts';
import {appliesTo, commands, experimentKeys, keyName, ofMachines} from '../../panes/keymap.ts';
import type {CommandGroup} from '../../state/commands.ts';
import type {LabRecords} from '../../state/lab.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, lineWidth, type Span, span} from '../../terminal/lines.ts';
import type {Key} from '../../terminal/sequences.ts';
import {KeyRow, Row} from './Row.tsx';

type Hint = {readonly press: Key; readonly key: string; readonly text: string};

type HintsProps = Pick<State, 'focus' | 'columns'> &
	Pick<LabRecords, 'experiments'> & {
		readonly isWritable: boolean;
		/** A real Linux, which has no experiments, no time of its own to stop, and no record of causes. */
		readonly isHost: boolean;
		/** What somebody else has under way; empty while there is nothing. */
		readonly offer: string;
	};

/** Names of experiments by their first word, where that tells them apart. */
function experimentHints({experiments, isWritable}: HintsProps): Hint[] {
	const keyed = isWritable ? [...experimentKeys(experiments)] : [];
	const words = keyed.map(([, {name}]) => name.split('-')[0]!);
	const areDistinct = new Set(words).size === words.length;
	return keyed.map(([press, {name}], index) => ({
		press,
		key: keyName(press),
		text: areDistinct ? words[index]! : name,
	}));
}

/** Where the footer has not room for all, these go first. */
const footerGroups: readonly CommandGroup[] = ['machine', 'time', 'panes', 'lists', 'monitor'];

function commandHints({focus, isHost}: HintsProps): Hint[] {
	const here = footerGroups
		.flatMap(group => commands.filter(command => command.group === group))
		.filter(command => appliesTo(command, focus) && !(isHost && ofMachines.has(command.id)));
	// What only this pane has is what one looks for here.
	return [...here.filter(({panes: only}) => only), ...here.filter(({panes: only}) => !only)].flatMap(command =>
		command.footer === undefined
			? []
			: [{press: command.keys[0]!, key: command.shown ?? keyName(command.keys[0]!), text: command.footer}],
	);
}

const hintSpans = ({press, key, text}: Hint): Span[] => [
	{...span(` ${key}`, 'key'), press},
	{...span(` ${text} `), press},
];

/** As many as there is room for, the first ones first. */
function hintLine(hints: readonly Hint[], columns: number): Line {
	let left = columns;
	const kept = hints.map(hintSpans).filter(spans => {
		const width = lineWidth(line(...spans));
		const fits = width <= left;
		if (fits) left -= width;
		return fits;
	});
	return line(...kept.flat());
}

/** Keys that lead to everything else: they stay where not all keys of experiments fit. */
const leading: readonly Key[] = [':', 'p'];

const widthOf = (hints: readonly Hint[]): number => lineWidth(line(...hints.flatMap(hintSpans)));

/** Experiments first, as many as leave room for what must be there. */
function keptHints(experiments: readonly Hint[], hints: readonly Hint[], columns: number): readonly Hint[] {
	const room = columns - widthOf(hints.filter(({press}) => leading.includes(press)));
	const kept = experiments.filter((_, index) => widthOf(experiments.slice(0, index + 1)) <= room);
	return [...kept, ...hints];
}

const watch: Hint = {press: 'V', key: 'V', text: 'watch'};

/** The keys that apply, the most needed first; help and the way out at the right end. */
const Hints = memo(function Hints(props: HintsProps) {
	const {columns} = props;
	const hints = commandHints(props);
	const isLast = ({key}: Hint): boolean => key === '?' || key === 'q';
	const offered = props.offer === '' ? [] : [span(` ${props.offer}`, 'notice'), ...hintSpans(watch)];
	const last = line(...offered, ...hints.filter(isLast).flatMap(hintSpans));
	const lastColumns = Math.min(columns, lineWidth(last));
	const others = keptHints(
		experimentHints(props),
		hints.filter(hint => !isLast(hint)),
		columns - lastColumns,
	);
	return (
		<Box width={columns} height={1}>
			<KeyRow line={hintLine(others, columns - lastColumns)} columns={columns - lastColumns} />
			<KeyRow line={last} columns={lastColumns} />
		</Box>
	);
});

/** What is being typed, and what may be said to it. */
function promptLine(typed: string, says: string): Line {
	return line(span(` ${typed}`, 'key'), span(' ', 'page.cursor'), span(`  ${says}`, 'dim'));
}

export type FooterProps = HintsProps &
	Pick<State, 'notice'> & {
		/** What is typed into a prompt of the footer: a filter, where to go, or a file; what Tab found for it. */
		readonly prompt:
			| {readonly kind: 'filter' | 'jump' | 'own'; readonly text: string; readonly matches: string}
			| undefined;
		/** Why the target is gone, silent, or goes no further. */
		readonly trouble: string | undefined;
	};

const ownFileHint = 'Enter loads or runs · Tab completes · ↑ recalls · Esc';

/** The end of a long path is what is being typed. */
function ownFileLine(
	{text, matches}: NonNullable<FooterProps['prompt']>,
	notice: FooterProps['notice'],
	columns: number,
): Line {
	const most = Math.max(10, columns - 20);
	const letters = [...text];
	const shown = letters.length > most ? `…${letters.slice(1 - most).join('')}` : text;
	return promptLine(`run ${shown}`, notice?.text ?? (matches === '' ? ownFileHint : matches));
}

/** What happened or went wrong, or else what is being typed; undefined when there is nothing of that. */
function saidLine({prompt, notice, trouble, columns}: FooterProps): Line | undefined {
	if (prompt?.kind === 'filter') return promptLine(`/${prompt.text}`, notice?.text ?? 'Enter keeps, Esc undoes');
	if (prompt?.kind === 'own') return ownFileLine(prompt, notice, columns);
	if (prompt) return promptLine(`go to ${prompt.text}`, notice?.text ?? `Enter goes; ${goHint}`);
	if (notice) return line(span(notice.isError ? ' ! ' : '   ', 'bad'), span(notice.text, 'notice'));
	return trouble === undefined ? undefined : line(span(` ! ${trouble}`, 'bad'));
}

/** The last line of the screen. */
export const Footer = memo(function Footer(props: FooterProps) {
	const {columns, experiments, focus, isWritable, isHost, offer} = props;
	const said = saidLine(props);
	return said ? (
		<Row line={said} columns={columns} />
	) : (
		<Hints
			columns={columns}
			experiments={experiments}
			focus={focus}
			isWritable={isWritable}
			isHost={isHost}
			offer={offer}
		/>
	);
});
