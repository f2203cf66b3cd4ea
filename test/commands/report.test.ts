/** What went wrong on a machine, as one text: a fresh machine, an experiment, a served machine. */
import {mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {daemon, mmtop} from './support.ts';

const newDirectory = () => mkdtempSync(join(tmpdir(), 'mmtop-report-'));
const headings = (text: string) => [...text.matchAll(/^## (.*)$/gm)].map(match => match[1]);

const sections = [
	'To do it again',
	'Findings',
	'Log',
	'End of the trace',
	'Memory',
	'DMA',
	'kmap',
	'Asynchronous I/O',
	'Modules',
];

test('an experiment writes a report with its findings, and the line that runs it again', async () => {
	const path = join(newDirectory(), 'bug.md');
	const line = ['run', 'dma-mistake', 'class=1', '--era', '2.6.32', '--until', '300ms'];
	const {exitCode, stdout} = await mmtop([...line, '--report', path]);
	expect(exitCode).toBe(0);
	// The text of the warning, and not how many there were.
	expect(stdout).toMatch(/\(\/proc\/kmsg: “.*DMA-API: device driver .*”\)/);
	const text = readFileSync(path, 'utf8');
	expect(headings(text)).toEqual(sections);
	expect(text).toContain(`\`\`\`\nmmtop ${line.join(' ')}\n\`\`\``);
	expect(text).toMatch(/^### 1: dma-debug \(warning\)$/m);
	expect(text).toMatch(/^from: \w+, injection 1, dma-mistake$/m);
	expect(text).toMatch(/^- machine: preset lab, era 2\.6\.32, seed 1, 2 CPUs$/m);
	expect(text).toMatch(/WARNING: at lib\/dma-debug\.c/);
});

test('a served machine is reported with what was done to it, as lines for a shell', async () => {
	const directory = newDirectory();
	const env = {XDG_RUNTIME_DIR: directory};
	await daemon(['--name', 'bugs', '--seed', '7', '--cpus', '1'], env);
	await mmtop(['write', '-t', 'bugs', '/sys/kernel/debug/lab/findings', 'older 5'], env);
	await mmtop(['write', '-t', 'bugs', '/sys/kernel/debug/lab/clock', 'pause'], env);
	const {stdout, exitCode} = await mmtop(['report', 'bugs'], env);
	expect(exitCode).toBe(0);
	expect(headings(stdout)).toEqual(sections);
	expect(stdout).toMatch(/^mmtop serve --name replay --fresh --machine lab --era ldd3 --seed 7 --cpus 1 &$/m);
	expect(stdout).toMatch(/^at \d+ns \/sys\/kernel\/debug\/lab\/findings 'older 5'$/m);
	expect(stdout).toMatch(/^go \d+ns; mmtop report replay$/m);
	expect(stdout).not.toMatch(/^at .*lab\/clock/m);
	expect(stdout).toMatch(/^## Findings\n\nNone\.$/m);
});

test('what cannot be is one sentence', async () => {
	const directory = newDirectory();
	expect(await mmtop(['report', 'a', 'b'])).toMatchObject({exitCode: 2, stderr: expect.stringContaining('one target')});
	expect(await mmtop(['report', '-t', 'a', 'b'])).toMatchObject({
		exitCode: 2,
		stderr: expect.stringContaining('not both'),
	});
	expect(await mmtop(['report', '--until', '10ms', '-o', directory])).toMatchObject({
		exitCode: 1,
		stderr: expect.stringContaining(`EISDIR: the report cannot be written to ${directory}`),
	});
	expect(await mmtop(['run', '--all', '--report', 'x'])).toMatchObject({exitCode: 2});
});

test('an exported tree says what it is of, and how to do it again', async () => {
	const directory = join(newDirectory(), 'tree');
	const {stdout} = await mmtop(['export', directory, '--era', '6.1', '--mem', '256M']);
	const manifest = readFileSync(join(directory, 'MANIFEST'), 'utf8');
	const count = /^(\d+) files/.exec(stdout)?.[1];
	expect(manifest).toMatch(/^mmtop: \d/);
	expect(manifest).toContain(
		'\ntarget: lab (embedded)\ntime: 2 s\ninstants: one\nmachine: preset lab, era 6.1, seed 1, 2 CPUs\n',
	);
	expect(manifest).toContain(`\nfiles: ${count}\n`);
	const [, again = ''] = /^ {2}mmtop (report --machine lab --era 6\.1 --seed 1 .*)$/m.exec(manifest) ?? [];
	const report = await mmtop(again.split(' '));
	expect(report).toMatchObject({exitCode: 0, stderr: ''});
	expect(report.stdout).toContain(`\n    mmtop ${again}\n`.replace('    ', ''));
});
