/**
 * The stories of the keys that inject, at the pace of a reader, in a pseudo-terminal: on a machine that has just
 * booted, after a minute and after ten. Without MMTOP_LONG a sample of them.
 */

import {expect, test} from 'vitest';
import {experiments} from '../../source/lab/experiments/list.ts';
import {createTheme, injectionTone} from '../../source/ui/terminal/theme.ts';
import {isLong, sampleOf} from '../sample.ts';
import {type OwnMachine, openOwnMachine} from './ownMachine.ts';

const ages = [1, 60, 600];
const keys = ['m', 'd', 'c', 't', 'a', 'o'];

/** 240 words a minute. */
const wordMs = 250;
const words = (text: string): number => text.split(/\s+/).filter(word => /\w/.test(word)).length;

/** What the banner says, without the keys at its right edge. */
const banner = ({session}: OwnMachine): readonly string[] =>
	session.screen().flatMap(row =>
		row.startsWith('▌')
			? [
					row
						.slice(1)
						.replace(/ {3,}\S.*·.*$/, '')
						.trim(),
				]
			: [],
	);

/** Colours of the banner's bar and of the names of panes, by their number, and the one that is wanted. */
function colours({session}: OwnMachine, id: number, panes: readonly string[]) {
	const rows = session.cells();
	const colourOf = (cell = ''): number => Number(cell.split('|')[2]?.split(',')[1]);
	const bars = rows.filter(([first]) => first?.startsWith('▌')).map(([first]) => colourOf(first));
	const names = panes.flatMap(pane => {
		const title = new RegExp(`(?<=[┌┐] \\d )${pane}\\w* ─`);
		const row = session.screen().findIndex(text => title.test(text));
		const column = row < 0 ? -1 : title.exec(session.screen()[row]!)!.index;
		return column < 0 ? [] : [colourOf(rows[row]?.[column])];
	});
	const [, wanted] = /38;5;(\d+)/.exec(createTheme('dark', true).sgr[injectionTone(id)]) ?? [];
	return {bars, names, wanted: Number(wanted)};
}

async function told(machine: OwnMachine, key: string, goesBack: boolean): Promise<void> {
	const {name, declares, lesson} = experiments.find(each => each.key === key)!;
	const {session, drawn, holding, injections, pass, passUntil} = machine;
	const step = (index: number): string => `${name}, step ${index + 1} of ${declares.length}: ${declares[index]}`;
	const held = async (index: number): Promise<void> => {
		await passUntil(() => holding() === `${name}: ${declares[index]}`);
		await session.waitFor(step(index));
		await drawn();
	};

	const before = injections().length;
	session.press(key);
	let read: readonly string[] = [];
	for (const [index] of declares.entries()) {
		await session.waitFor(() => injections().length === before + 1);
		await held(index);
		if (index === 1 && goesBack) {
			session.press('\u007F');
			await session.waitFor(step(0));
			await session.waitFor('Enter goes on');
			expect(injections().at(-1)?.states).toHaveLength(1);
			session.press('\r');
			await session.waitFor(screen => !screen.join().includes('Enter goes on'));
			await held(index);
		}
		const {bars, names, wanted} = colours(
			machine,
			before + 1,
			lesson.looks.map(({pane}) => pane),
		);
		expect(new Set([...bars, ...names])).toEqual(new Set([wanted]));
		expect(names.length).toBeGreaterThan(0);
		const now = banner(machine);
		const news = now.filter(row => !read.includes(row));
		await pass(words(news.join(' ')) * wordMs);
		expect(banner(machine), 'still there when it has been read').toEqual(now);
		read = now;
		await passUntil(() => holding() !== `${name}: ${declares[index]}`);
	}
	await passUntil(() => injections().at(-1)?.status === 'done');
	await session.waitFor(`${name}: done`);

	session.press('S');
	await session.waitFor('stories');
	session.press('r');
	await session.waitFor(() => injections().length === before + 2);
	expect(injections().at(-1)?.name).toBe(name);
	await held(0);
	session.press('\u001B');
	await session.waitFor(() => holding() === null);
	await passUntil(() => injections().at(-1)?.status === 'done');
	await session.waitFor(`${name}: done`);
	session.press('\r');
	await session.waitFor(screen => !screen.some(row => row.startsWith('▌')));
}

test.each(
	sampleOf(ages, 1),
)('after %i s a story stays as long as its text needs, in its colour, and can be stepped back in and done again', async ageS => {
	const machine = await openOwnMachine(ageS * 1e9);
	// Going back does all of it again.
	const goesBack = isLong || ageS < 600;
	for (const key of sampleOf(keys, 1, ageS)) await told(machine, key, goesBack);
});
