/**
 * docs/labs, made from the experiments and from what a run of each prints: `npm run docs` writes them. Without
 * MMTOP_LONG a sample of them is run; of the others all is compared but what a run prints.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {compare} from '../../source/commands/ask.ts';
import {experimentsOf, inject, injectionText} from '../../source/commands/injection.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {labIndex, labPage} from '../../source/lab/labPages.ts';
import {bootHeadless} from '../../source/target/embedded.ts';
import {sampleOf} from '../sample.ts';

const docs = '../../docs/labs';
const textOf = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const scripts = join(import.meta.dirname, '../../fixtures/scripts');

/** As `mmtop run NAME` runs it. */
const bootedNs = 2e9;
const lookNs = 50e6;

const drawn = sampleOf(experiments, 24);

test.each(drawn)('the page of $name says what the experiment is, and what a run prints', async experiment => {
	const {name, eras, preset} = experiment;
	const era = eras?.[0];
	const machine = await bootHeadless({...(era && {era}), ...(preset && {preset})}, bootedNs, 'mmtop');
	const {target} = machine;
	const letTimePass = async () => machine.runUntil(machine.timeNs() + lookNs);
	const injection = await inject({target, letTimePass}, name);
	const record = (await experimentsOf(target)).find(each => each.name === name)!;
	const {came, because} = compare(record, 0, injection);
	expect(came, 'exactly one answer came true').not.toBeNull();
	const {observations} = injection;
	expect(
		observations.filter(({expected, seen}) => expected === null || seen === null),
		'each says what was expected and seen',
	).toEqual([]);
	const page = labPage(experiment, {printed: injectionText(injection), answer: came!, because}, textOf);
	await expect(page).toMatchFileSnapshot(`${docs}/${name}.md`);
});

/** Markdown's backslashes away. */
const unescaped = (text: string): string => text.replace(/\\([\\`*<>|[\]])/g, '$1');

test.each(experiments.filter(each => !drawn.includes(each)))('the page of $name says what it is', experiment => {
	const page = readFileSync(join(import.meta.dirname, docs, `${experiment.name}.md`), 'utf8');
	// What only a run can say: what it printed, and which answer came true by what.
	const [, printed = ''] = /<details>.*?\n```\n(.*?)\n```\n\nAnswer/s.exec(page) ?? [];
	const [, answer = '0', decides = ''] = /\nAnswer (\d): .*? What decides it:\n\n((?:- [^\n]*\n)+)/s.exec(page) ?? [];
	const because = decides.split('\n').flatMap(line => (line ? [unescaped(line.slice(2))] : []));
	expect(labPage(experiment, {printed, answer: Number(answer), because}, textOf)).toBe(page);
});

/** A script says in its first lines what it shows. */
const scriptNotes = readdirSync(scripts).map(name => {
	const [, says = ''] = readFileSync(join(scripts, name), 'utf8').split('\n');
	return [name, says.replace(/^# /, '')] as const;
});

test('the index names every experiment and every script, and no page is left of one that is gone', async () => {
	await expect(labIndex(experiments, scriptNotes)).toMatchFileSnapshot(`${docs}/README.md`);
	const pages = experiments.map(({name}) => `${name}.md`);
	expect(readdirSync(join(import.meta.dirname, docs)).sort()).toEqual([...pages, 'README.md'].sort());
});
