/** A story as a page: a step is what was told and seen in it, and a picture of the screen. */
import {type InjectionRecord, observationLine, statusWords} from '../../formats/debugfs/lab/inject.ts';
import {seconds} from '../../formats/text.ts';
import type {Experiment} from '../../lab/experiment.ts';
import {mmtopVersion} from '../../lab/version.ts';
import {type StoryStep, storySteps} from '../../model/story.ts';
import {escapeHtml, pageHtml} from './page.ts';
import {Looks} from './screen.ts';

/** The screen at an instant, in colours for either ground, as text with SGR sequences. */
export type StoryPicture = {readonly timeNs: number; readonly dark: string; readonly light: string};

export type ToldStory = {
	readonly experiment: Experiment;
	readonly injection: InjectionRecord;
	/** By the number of the step that it shows. */
	readonly pictures: ReadonlyMap<number, StoryPicture>;
	/** The line that makes the page again. */
	readonly command: string;
	/** What the machine is, in a few words. */
	readonly machine: string;
};

const marks = {held: '✓', failed: '✗', open: '…'} as const;
const spoken = {held: 'as expected', failed: 'not as expected', open: 'not decided'} as const;

const style = `.dark{display:none}
@media screen and (prefers-color-scheme:dark){.light{display:none}.dark{display:block}}
.told{padding-left:1.2rem}.seen{list-style:none;padding:0}.seen b{display:inline-block;width:1.4rem}
.held b{color:var(--good)}.failed b{color:var(--bad)}
.bar{position:sticky;bottom:0;display:flex;gap:.5rem;align-items:center;padding:.5rem 0;background:var(--paper)}
.bar button{min-width:44px;min-height:44px;padding:0 1rem;font:inherit;color:var(--ink);background:var(--paper);
border:1px solid var(--soft);border-radius:6px}.bar button:disabled{color:var(--soft);border-style:dashed}
.bar output{flex:1}[hidden]{display:none!important}
@media screen{.single main>section:not(.now){display:none}}
@media print{section{break-inside:avoid}}`;

/** One step at a time where scripts run: buttons, arrow keys, a swipe, or the list of steps. */
const script = `(() => {
const steps = [...document.querySelectorAll('main>section')], bar = document.querySelector('.bar');
const [back, all, on] = bar.querySelectorAll('button'), where = bar.querySelector('output');
let at = 0;
function draw() {
  const single = document.body.classList.contains('single');
  steps.forEach((step, index) => step.classList.toggle('now', index === at));
  back.disabled = at === 0; on.disabled = at === steps.length - 1;
  where.textContent = 'Step ' + (at + 1) + ' of ' + steps.length;
  all.textContent = single ? 'All steps' : 'One step';
}
function go(to, focus) {
  at = Math.max(0, Math.min(steps.length - 1, to)); draw();
  if (!focus) return;
  const title = steps[at].querySelector('h2');
  title.focus({preventScroll: true}); title.scrollIntoView({block: 'start'});
}
function named() {
  const to = steps.findIndex(step => '#' + step.id === location.hash);
  if (to >= 0) go(to, true);
}
back.onclick = () => go(at - 1, true); on.onclick = () => go(at + 1, true);
all.onclick = () => { document.body.classList.toggle('single'); draw(); };
addEventListener('hashchange', named);
addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest('.screen')) return;
  const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  if (by) { event.preventDefault(); go(at + by, true); }
});
let from;
addEventListener('touchstart', event => {
  from = event.target.closest('.screen') ? undefined : event.changedTouches[0];
}, {passive: true});
addEventListener('touchend', event => {
  const to = event.changedTouches[0];
  if (!from) return;
  const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
  if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) go(at + (x < 0 ? 1 : -1), true);
}, {passive: true});
bar.hidden = false; document.body.classList.add('single'); draw(); named();
})();`;

const titleOf = ({number, state}: StoryStep): string => `Step ${number}: ${state ?? 'the end'}`;

function seenHtml({observations}: StoryStep): readonly string[] {
	if (observations.length === 0) return [];
	const rows = observations.map(
		each =>
			`<li class="${each.state}"><b role="img" aria-label="${spoken[each.state]}:">${marks[each.state]}</b>` +
			`${escapeHtml(observationLine(each))}</li>`,
	);
	return ['<ul class="seen">', ...rows, '</ul>'];
}

function pictureHtml({number}: StoryStep, picture: StoryPicture, dark: Looks, light: Looks): readonly string[] {
	const time = seconds(Math.floor(picture.timeNs / 1000));
	// The words above say what the picture shows. Read aloud it would be columns of numbers.
	return [
		'<figure style="margin:0">',
		`<div class="screen" tabindex="0" role="group" aria-label="Picture of the screen at step ${number}">`,
		`<pre class="light" aria-hidden="true">${light.html(picture.light)}</pre>`,
		`<pre class="dark" aria-hidden="true">${dark.html(picture.dark)}</pre>`,
		'</div>',
		`<figcaption class="soft">The screen of mmtop at ${time} s of the machine's time.</figcaption>`,
		'</figure>',
	];
}

export function storyPage({experiment, injection, pictures, command, machine}: ToldStory): string {
	const {name, title, claim, source, lesson} = experiment;
	const {setup, question, looks, background} = lesson;
	const dark = new Looks('dark', {paper: '#16181d', ink: '#d6d8dd'});
	const light = new Looks('light', {paper: '#fbfbf8', ink: '#26282c'});
	const steps = storySteps(injection);
	const sections = steps.flatMap(step => {
		const picture = pictures.get(step.number);
		const told = step.told.map(each => `<li>${escapeHtml(each)}</li>`);
		return [
			`<section id="step-${step.number}" aria-labelledby="title-${step.number}">`,
			`<h2 id="title-${step.number}" tabindex="-1">${escapeHtml(titleOf(step))}</h2>`,
			...(told.length === 0 ? [] : ['<ul class="told">', ...told, '</ul>']),
			...seenHtml(step),
			...(picture ? pictureHtml(step, picture, dark, light) : []),
			'</section>',
		];
	});
	const answer = injection.answer ? question.answers[injection.answer.number - 1] : undefined;
	const result = `${statusWords(injection)}${injection.result === null ? '' : `: ${injection.result}`}`;
	const list = steps.map(step => `<li><a href="#step-${step.number}">${escapeHtml(step.state ?? 'the end')}</a></li>`);
	const body = [
		'<header>',
		`<h1>${escapeHtml(title)}</h1>`,
		`<p>${escapeHtml(claim)}</p>`,
		`<p class="soft">${escapeHtml(`${source} · ${machine} · `)}<code>${escapeHtml(command)}</code></p>`,
		`<h2>What is there</h2><p>${escapeHtml(setup)}</p>`,
		`<h2>The question</h2><p>${escapeHtml(question.ask)}</p>`,
		'<ol>',
		...question.answers.map(({text}) => `<li>${escapeHtml(text)}</li>`),
		'</ol>',
		...(looks.length === 0 ? [] : ['<h2>Look at</h2>', '<ul>']),
		...looks.map(({pane, says}) => `<li><b>${escapeHtml(pane)}</b>: ${escapeHtml(says)}</li>`),
		...(looks.length === 0 ? [] : ['</ul>']),
		'</header>',
		`<nav aria-label="Steps"><h2>Steps</h2><ol>${list.join('')}</ol></nav>`,
		'<main>',
		...sections,
		'</main>',
		'<nav class="bar" aria-label="Which step is shown" hidden><button type="button">Back</button>' +
			'<output></output><button type="button">All steps</button><button type="button">Next</button></nav>',
		'<footer>',
		`<h2>What came of it</h2><p>${escapeHtml(result)}</p>`,
		...(answer ? [`<p>Right is: ${escapeHtml(answer.text)}</p>`] : []),
		`<h2>Why</h2><p>${escapeHtml(background.why)}</p>`,
		`<p class="soft">Made by mmtop ${mmtopVersion} from a simulated machine; the same line makes the same page.</p>`,
		'</footer>',
	];
	// The pictures above decide which looks there are.
	return pageHtml({title: `${name}: ${title}`, style: [style, dark.style, light.style].join('\n'), body, script});
}
