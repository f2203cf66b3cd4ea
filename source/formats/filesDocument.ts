/** docs/files.md: the table of files as a page. */
import {fileRows} from './files.ts';

const shown = (path: string): string => `\`${path.replace(/\/:(\w+)/g, '/<$1>')}\``;

const sentence = (text: string): string => text.replaceAll('|', '\\|');

function rowsOf(from: 'Linux' | 'ours'): string[] {
	const rows = fileRows.filter(row => row.from === from && (from === 'ours' || row.partOf === undefined));
	return [
		'| path | shows | takes |',
		'|---|---|---|',
		...rows.map(({path, shows, takes = '', partOf}) => {
			const part = partOf === undefined ? '' : `a part of ${shown(partOf)}: `;
			return `| ${shown(path)} | ${part}${sentence(shows)} | ${takes} |`;
		}),
	];
}

const head = `# The files of a machine

Made from the table in \`source/formats/files.ts\` by \`npm run docs\`; a test keeps the two in step.

A machine is a tree of files: reading one observes and changes nothing, writing one acts. \`mmtop ls\`, \`mmtop cat\`, \`mmtop cat --json\`, \`mmtop write\` and \`mmtop export\` reach all of them, \`curl --unix-socket\` too, and the monitor reads no others.
Where a line of ours has no answer it says why (\`- pfn 0x7c00 is high memory: it has no logical address\`).

## Linux's own, in Linux's format

Lines that differ between kernels follow the machine's era.
`;

const middle = `
## Ours, where Linux has none

A file of columns names them in lines that begin with \`#\`; the others name each value (\`rate: 1\`). A part of a file has that file's format.
`;

const end = `
## Over a socket

HTTP/1.1 on \`control.sock\` (reads and writes) and \`observe.sock\` (reads): \`GET\` a file, with \`Range\` for the binary ones, or a directory; \`PUT\` to write. \`POST /sample\` with \`{"paths": […]}\` answers one line of JSON with all those files as they were at one instant:
\`{"version": 1, "timeNs": …, "seq": …, "files": {path: {"text": …} | {"base64": …} | {"error": …} | {"unchanged": true}}}\`. With \`"since": seq\` of the sample before, files that did not change are left out as \`unchanged\`. A file of such lines is a recording, which \`mmtop attach ./FILE\` plays.
\`trace_pipe\` streams, and says where it had to drop lines.
`;

/** The page, with the newline at its end. */
export function filesDocument(): string {
	return [head, ...rowsOf('Linux'), middle, ...rowsOf('ours'), end].join('\n');
}
