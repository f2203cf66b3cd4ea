/** A report as a page, made of the report's own Markdown: headings, lists, fences and paragraphs, nothing else. */
import {escapeHtml, pageHtml} from './page.ts';

type Block = {readonly html: string; readonly heading?: {readonly id: string; readonly text: string}};

/** @param number of the block, for its name */
function headingBlock(line: string, number: number): Block {
	const [, signs = '', text = ''] = /^(#+) (.*)$/.exec(line)!;
	const [tag, id] = [`h${signs.length}`, `part-${number}`];
	const html = `<${tag} id="${id}">${escapeHtml(text)}</${tag}>`;
	return signs.length === 2 ? {html, heading: {id, text}} : {html};
}

/** @returns blocks in their order @param text as reportText() makes it */
function blocksOf(text: string): readonly Block[] {
	const lines = text.split('\n');
	const blocks: Block[] = [];
	let under = '';
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at]!;
		const fence = /^`{3,}$/.test(line) ? line : undefined;
		if (fence !== undefined) {
			const end = lines.indexOf(fence, at + 1);
			const inside = lines.slice(at + 1, end === -1 ? lines.length : end);
			const label = `aria-label="${escapeHtml(under)}"`;
			const pre = `<pre>${escapeHtml(inside.join('\n'))}</pre>`;
			blocks.push({html: `<div class="screen" tabindex="0" role="group" ${label}>${pre}</div>`});
			at = end === -1 ? lines.length : end;
		} else if (/^#{1,3} /.test(line)) {
			under = line.replace(/^#+ /, '');
			blocks.push(headingBlock(line, blocks.length));
		} else if (line.startsWith('- ')) {
			const items: string[] = [];
			for (; lines[at]?.startsWith('- '); at++) items.push(`<li>${escapeHtml(lines[at]!.slice(2))}</li>`);
			at--;
			blocks.push({html: `<ul>${items.join('')}</ul>`});
		} else if (line !== '') {
			blocks.push({html: `<p>${escapeHtml(line)}</p>`});
		}
	}
	return blocks;
}

/** @param text as reportText() makes it */
export function reportPage(text: string): string {
	const [first, ...blocks] = blocksOf(text);
	const links = blocks.flatMap(({heading}) =>
		heading ? [`<li><a href="#${heading.id}">${escapeHtml(heading.text)}</a></li>`] : [],
	);
	return pageHtml({
		title: text.slice(2, text.indexOf('\n')),
		body: [
			`<header>${first?.html ?? ''}</header>`,
			`<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`,
			'<main>',
			...blocks.map(({html}) => html),
			'</main>',
		],
	});
}
