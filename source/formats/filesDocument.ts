/** docs/files.md: the table of files as a page. */
import {fileRows} from './files.ts';
import {serverFiles} from './serverFiles.ts';

const shown = (path: string): string => `\`${path.replace(/\/:(\w+)/g, '/<$1>')}\``;

const sentence = (text: string): string => text.replaceAll('|', '\\|');

const rowsOf = (from: 'Linux' | 'ours'): string[] =>
	tableOf(fileRows.filter(row => row.from === from && (from === 'ours' || row.partOf === undefined)));

const tableOf = (rows: readonly Pick<(typeof fileRows)[number], 'path' | 'shows' | 'takes' | 'partOf'>[]): string[] => [
	'| path | shows | takes |',
	'|---|---|---|',
	...rows.map(({path, shows, takes = '', partOf}) => {
		const part = partOf === undefined ? '' : `a part of ${shown(partOf)}: `;
		return `| ${shown(path)} | ${part}${sentence(shows)} | ${takes} |`;
	}),
];

const head = `# The files of a machine

Made from the table in \`source/formats/files.ts\` by \`npm run docs\`; a test keeps the two in step.

A machine is a tree of files: reading one observes and changes nothing, writing one acts. \`mmtop ls\`, \`mmtop cat\`,
\`mmtop cat --json\`, \`mmtop write\` and \`mmtop export\` reach all of them, \`curl --unix-socket\` too, and the
monitor reads no others.
Where a line of ours has no answer it says why (\`- pfn 0x7c00 is high memory: it has no logical address\`).

## Linux's own, in Linux's format

Lines that differ between kernels follow the machine's era. The default era, \`ldd3\`, has some that 2.6.11 had not:
smaps (2.6.14), pagemap, kpagecount, kpageflags (2.6.25), zoneinfo (2.6.13), vmallocinfo (2.6.27), comm (2.6.33), and
the times in kmsg (2.6.11 printed them only where the build asked for it).
`;

const middle = `
## Ours, where Linux has none

A file of columns names them in lines that begin with \`#\`; the others name each value (\`rate: 1\`). A part of a
file has that file's format.
`;

const ofServer = `
## A server's own

The server keeps these beside the machine: they change nothing of it, and its session does not have them. \`lab/class\`
is there on the machines of a class only (\`mmtop class\`, docs/teaching.md), \`lab/results\` on every served machine.
`;

const end = `
## Over a socket

HTTP/1.1 on \`control.sock\` (reads and writes) and \`observe.sock\` (reads): \`GET\` a file, with \`Range\` for the
binary ones, or a directory; \`PUT\` to write. \`POST /sample\` with \`{"paths": […]}\` answers one line of JSON with
all those files as they were at one instant:
\`{"version": 1, "timeNs": …, "seq": …, "files": {PATH: FILE}}\`, where FILE is \`{"text": …}\`, \`{"base64": …}\` or
\`{"error": …}\`. With \`"since": seq\` of the sample before, a file that did not change is \`{"unchanged": true}\`.
A file of such lines is a recording: \`mmtop attach ./FILE\` plays it.
\`trace_pipe\` streams, and says where it had to drop lines.

A file is answered once, under the first spelling that was asked for. What one client may have is bounded, so that the
machine and the others go on; each limit is a status and one sentence:

| status | when |
|---|---|
| 413 | a sample of more than 2000 files (10,000 paths), of more than 32 MiB beside its largest file, or that takes \
more than 2 s to print; a body of more than 1 MiB. Any one file can be had |
| 429 | 24 MiB of answers that clients of this socket have not taken yet; 64 large samples that wait, or one that \
waited for 3 s; 64 requests of one client sent ahead; 256 clients of one socket, or fewer \
where the server may open fewer than 816 files. Ask again in a second |

A client that takes nothing of its answer for 30 s loses its connection. \`mmtop export\` asks for the large files
one by one where one answer may not hold the tree, and says so when they are not of one instant.
`;

/** The page, with the newline at its end. */
export function filesDocument(): string {
	return [
		head,
		...rowsOf('Linux'),
		middle,
		...rowsOf('ours'),
		ofServer,
		...tableOf(Object.values(serverFiles)),
		end,
	].join('\n');
}
