/** Pages for a browser: a story step by step, and a report. */

import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {CommandContext} from '../../source/commands/context.ts';
import {escapeHtml} from '../../source/commands/html/page.ts';
import {reportPage} from '../../source/commands/html/reportPage.ts';
import {Looks} from '../../source/commands/html/screen.ts';
import {storyPage, type ToldStory} from '../../source/commands/html/storyPage.ts';
import {story, tellStory} from '../../source/commands/story.ts';
import {commands} from '../../source/commands/table.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {storySteps} from '../../source/model/story.ts';

let told: ToldStory;
let page: string;
beforeAll(async () => {
	told = await tellStory(experiments.find(({name}) => name === 'mremap-growth')!, ['pages=2'], {until: '100ms'});
	page = storyPage(told);
});

const countOf = (text: string, part: string): number => text.split(part).length - 1;

test('each step is a section with what was told and seen, and a picture of its own for either ground', () => {
	const steps = storySteps(told.injection);
	expect(steps.length).toBeGreaterThan(2);
	expect(countOf(page, '<section ')).toBe(steps.length);
	for (const ground of ['light', 'dark'] as const) {
		expect(countOf(page, `<pre class="${ground}"`)).toBe(steps.length);
		const pictures = steps.map(({number}) => told.pictures.get(number)![ground]);
		expect(new Set(pictures).size).toBe(steps.length);
	}
	for (const step of steps) for (const each of step.told) expect(page).toContain(`<li>${escapeHtml(each)}</li>`);
	expect(countOf(page, '<li class="held">')).toBe(told.injection.observations.length);
});

test('a picture shows the areas of the program that the story is about', () => {
	const picture = told.pictures.get(1)!.dark.replace(/\x1b\[[\d;]*m/g, '');
	expect(picture).toMatch(/1 maps ─+ \d+ mapper ─/);
});

test('it says the claim, the question, which answer is right, and how it is made again', () => {
	const {claim, lesson} = told.experiment;
	const right = lesson.question.answers[told.injection.answer!.number - 1]!;
	for (const each of [claim, lesson.question.ask, `Right is: ${right.text}`, lesson.background.why])
		expect(page).toContain(escapeHtml(each));
	expect(page).toContain('<code>mmtop story mremap-growth pages=2 --until 100ms --html FILE</code>');
});

/** What a page refers to, and the names that it has. */
function linksOf(text: string) {
	const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1]!);
	return {ids: found(/ id="([^"]*)"/g), links: found(/ href="([^"]*)"/g), sources: found(/ src="([^"]*)"/g)};
}

test.each(['story', 'report'])('a page of a %s refers to nothing outside itself', kind => {
	const text = kind === 'story' ? page : reportPage('# mmtop report: a\n\n## Log\n\n### /proc/kmsg\n\n```\nx\n```\n');
	const {ids, links, sources} = linksOf(text);
	expect(new Set(ids).size).toBe(ids.length);
	expect(links.filter(link => link !== 'data:,' && !ids.includes(link.replace(/^#/, '')))).toEqual([]);
	expect(sources).toEqual([]);
	expect(text).not.toMatch(/url\(|@import|https?:/);
	expect(text).toContain(`content="default-src 'none';`);
});

describe('a screen', () => {
	const looks = (text: string) => new Looks('p', {paper: '#000000', ink: '#ffffff'}).html(text);
	const styled = (text: string) => {
		const made = new Looks('p', {paper: '#000000', ink: '#ffffff'});
		made.html(text);
		return made.style;
	};

	test('is text that nothing in it can end', () => {
		expect(looks('a<b>&"')).toBe('a&#60;b&#62;&#38;&#34;');
		expect(looks('\x1b[1m<\x1b[22m>')).toBe('<span class="p0">&#60;</span>&#62;');
	});

	test('has one class for each look', () => {
		expect(looks('\x1b[1ma\x1b[0mb\x1b[1mc\x1b[2md')).toBe(
			'<span class="p0">a</span>b<span class="p0">c</span><span class="p1">d</span>',
		);
	});

	test('is plain again where bold or dim ends', () => {
		expect(looks('\x1b[1ma\x1b[22mb\x1b[2mc\x1b[22md')).toBe('<span class="p0">a</span>b<span class="p1">c</span>d');
	});

	test('has the colours of the cube and of the greys, and letters that can be read on them', () => {
		expect(styled('\x1b[48;5;16ma\x1b[48;5;231mb\x1b[48;5;232mc\x1b[48;5;255md')).toBe(
			'.p{background:#000000;color:#ffffff}\n.p0{background:#000000}\n.p1{color:#666666;background:#ffffff}\n' +
				'.p2{background:#080808}\n.p3{color:#666666;background:#eeeeee}',
		);
	});

	test('shows inverse text in the colours of the ground', () => {
		expect(styled('\x1b[7ma\x1b[38;5;51mb')).toContain(
			'.p0{color:#000000;background:#ffffff}\n.p1{color:#000000;background:#00ffff}',
		);
	});
});

test('what is in a fence of a report stays as it is, whatever it looks like', () => {
	const fenced = '````\n# no heading\n```\n- <script>\n````';
	const text = reportPage(`# mmtop report: a<b\n\n- one\n- two\n\n## Log\n\n### /proc/kmsg\n\n${fenced}\n`);
	expect(text).toContain('<pre># no heading\n```\n- &#60;script&#62;</pre>');
	expect(text).toContain('<ul><li>one</li><li>two</li></ul>');
	expect(text).toContain('<title>mmtop report: a&#60;b</title>');
	expect(countOf(text, '<h2')).toBe(1);
	for (const each of ['no heading', 'script&#62;']) expect(countOf(text, each)).toBe(1);
});

test.each([
	[[], {html: 'x'}, 'story needs an experiment'],
	[['fork-pin'], {}, 'story needs a place for its page: --html FILE'],
	[['fork-pim'], {html: 'x'}, 'there is no experiment "fork-pim", did you mean "fork-pin"?'],
	[['fork-pin', 'pages=x'], {html: 'x', until: '0s'}, 'pages'],
])('%j with %j is refused', async (args, flags, sentence) => {
	const context = {args, flags, commands} as unknown as CommandContext;
	await expect(async () => story(context)).rejects.toThrow(sentence);
	expect(existsSync('x')).toBe(false);
});

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

describe('in a browser', () => {
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-page-'));
	afterAll(() => rmSync(directory, {recursive: true}));

	test('a story shows one step, and nothing is said on the console', ({skip}) => {
		skip(!process.env.MMTOP_LONG, 'part of npm run long');
		skip(chromium === undefined, 'there is no Chromium here');
		const file = join(directory, 'story.html');
		writeFileSync(file, page);
		const flags = [
			'--headless',
			'--no-sandbox',
			'--disable-gpu',
			'--enable-logging=stderr',
			`--user-data-dir=${directory}`,
		];
		const {stdout, stderr} = spawnSync(chromium!, [...flags, '--dump-dom', `file://${file}#step-2`], {
			encoding: 'utf8',
		});
		expect(stderr).not.toMatch(/CONSOLE/);
		expect(stdout).toMatch(/<section id="step-2"[^>]*class="now"/);
		expect(countOf(stdout, 'class="now"')).toBe(1);
		const picture = join(directory, 'story.png');
		execFileSync(chromium!, [...flags, '--window-size=390,844', `--screenshot=${picture}`, `file://${file}`], {
			stdio: 'ignore',
		});
		expect(readFileSync(picture).length).toBeGreaterThan(10_000);
	});
});
