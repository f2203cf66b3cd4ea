/** A page for a browser that is one file: nothing is fetched, and without scripts all of it can be read. */

/** Text as it stands between tags and in attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);

type Page = {
	readonly title: string;
	/** Rules beside those that every page has. */
	readonly style?: string;
	/** HTML. */
	readonly body: readonly string[];
	readonly script?: string;
};

/** Colours keep a contrast of 4.5 to 1 on their ground. Paper is always light. */
const style = `:root{--paper:#fbfbf8;--ink:#26282c;--soft:#54575e;--line:#c4c7cc;--good:#176238;
--bad:#a01c1c;--link:#0a4f96}
@media screen and (prefers-color-scheme:dark){:root{--paper:#16181d;--ink:#d6d8dd;--soft:#a6abb5;--line:#454a54;
--good:#74d39b;--bad:#ff9a91;--link:#8fb8f8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:64rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.25rem;margin:1.6rem 0 .4rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
a{color:var(--link)}a,code,li,p,h1,h2,h3{overflow-wrap:anywhere}
.soft{color:var(--soft)}
pre{margin:0;font:12px/1.25 "DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre}
.screen{overflow-x:auto;border:1px solid var(--line);border-radius:4px;padding:.5rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media print{body{max-width:none;padding:0}.screen{border:0;padding:0;overflow:visible}pre{font-size:6.4pt}
.bar,nav{display:none}}`;

export function pageHtml({title, style: own = '', body, script}: Page): string {
	return [
		'<!doctype html>',
		'<html lang="en">',
		'<head>',
		'<meta charset="utf-8">',
		'<meta name="viewport" content="width=device-width, initial-scale=1">',
		'<meta name="color-scheme" content="light dark">',
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; ` +
			`script-src 'unsafe-inline'; img-src data:">`,
		'<link rel="icon" href="data:,">',
		`<title>${escapeHtml(title)}</title>`,
		`<style>${style}${own === '' ? '' : `\n${own}`}</style>`,
		'</head>',
		'<body>',
		...body,
		...(script === undefined ? [] : [`<script>${script}</script>`]),
		'</body>',
		'</html>',
		'',
	].join('\n');
}
