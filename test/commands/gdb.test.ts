/** Debian's gdb, on a served machine: drivers of headers/examples with all their debug information. */
import {spawn, spawnSync} from 'node:child_process';
import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {labDeviceAddress} from '../../source/lab/board.ts';
import {compilers} from '../headers/compiler.ts';
import {daemon, mmtop, mmtopCommand} from './support.ts';

const root = mkdtempSync(join(tmpdir(), 'mmtop-gdb-'));
afterAll(() => rmSync(root, {recursive: true}));

const headers = join(import.meta.dirname, '../../headers');
const twins = join(import.meta.dirname, '../../fixtures/programs/twins');
const env = {XDG_RUNTIME_DIR: root, MMTOP_HEADERS: headers, NODE_ENV: ''};

const missing = [
	...(compilers.length === 0 ? ['no C compiler for i386'] : []),
	...(spawnSync('gdb', ['--version']).status === 0 ? [] : ['no gdb']),
];
const skipped = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} here)`;

/** Runs gdb to the end of its commands. @returns what it said */
function gdb(commands: readonly string[]): Promise<string> {
	const script = join(root, 'commands');
	writeFileSync(script, `${commands.join('\n')}\n`);
	return new Promise(resolve => {
		const child = spawn('gdb', ['-nx', '-batch', '-x', join(root, 'symbols'), '-x', script], {
			cwd: root,
			env: {...process.env, ...env},
		});
		let text = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (chunk: string) => {
				text += chunk;
			});
		}

		child.on('close', () => resolve(text));
	});
}

const command = mmtopCommand.map(word => `'${word}'`).join(' ');
/** A line of gdb that starts a program there; it waits until the machine may go on. */
const start = (args: string) => `shell ${command} exec -t lab0 ${twins} ${args} >/dev/null 2>&1 &`;

test.skipIf(skipped !== '')(
	`it stops in a driver's mmap, says who called, prints an area, sees DMA, and goes back over it${skipped}`,
	async () => {
		for (const name of ['csimple.c', 'cdad.c']) copyFileSync(join(headers, 'examples', name), join(root, name));
		const source = readFileSync(join(root, 'csimple.c'), 'utf8').split('\n');
		const line = source.findIndex(each => each.includes('static int csimple_remap_mmap')) + 3;
		const [file = '', ...before] = mmtopCommand;
		const cc = spawnSync(file, [...before, 'cc', 'csimple.c', 'cdad.c', '--', '-fno-inline'], {
			cwd: root,
			env: {...process.env, ...env, CC: compilers[0]},
			encoding: 'utf8',
		});
		expect(cc.stderr).toBe('');
		await daemon(['--name', 'lab0', '--load', 'quiet'], env);
		const done = async (...args: readonly string[]) => {
			const {exitCode, stdout, stderr} = await mmtop(args, env);
			expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
			return stdout;
		};
		await done('write', '-t', 'lab0', '/sys/bus/pci/drivers/dad/unbind', labDeviceAddress);
		await done('insmod', '-t', 'lab0', join(root, 'csimple.o'));
		await done('insmod', '-t', 'lab0', join(root, 'cdad.o'));
		const objects = ['csimple.o', 'cdad.o'].map(name => join(root, name));
		writeFileSync(join(root, 'symbols'), await done('gdb', '--symbols', '-t', 'lab0', ...objects));
		const said = await gdb([
			'set confirm off',
			'set width 0',
			`target remote | ${command} gdb -t lab0`,
			`break csimple.c:${line}`,
			start('device /dev/csimple0'),
			'continue',
			'backtrace',
			'printf "area of %u bytes\\n", vma->vm_end - vma->vm_start',
			`shell ${command} write -t lab0 ${files.clock.path} run`,
			'delete',
			'break cdad_start if write == 0',
			start('transfers /dev/cdad'),
			'continue',
			'set $byte = (unsigned char *)buffer',
			'set $old = *$byte',
			'delete',
			'watch *$byte',
			'continue',
			'printf "stored: %d\\n", *$byte != $old',
			'reverse-stepi',
			'printf "back: %d\\n", *$byte == $old',
			'continue',
			'printf "again: %d\\n", *$byte != $old',
			'detach',
		]);
		expect(said).toMatch(/hit Breakpoint 1, csimple_remap_mmap \(filp=0x[\da-f]+, vma=0x[\da-f]+\) at .*csimple\.c/);
		expect(said).toMatch(/^#0 {2}csimple_remap_mmap .*\n#1 {2}0xc0101000 in \?\?/m);
		expect(said).toMatch(/^area of [1-9]\d* bytes$/m);
		expect(said).toMatch(/^mmtop: EBUSY: \S+ debugs this machine with gdb/m);
		expect(said).toMatch(/hit Breakpoint 2, cdad_start \(.*write=(?:write@entry=)?0,/);
		expect(said).toMatch(/hit Hardware watchpoint 3: \*\$byte/);
		expect(said).toContain('stored: 1\n');
		expect(said).toContain('back: 1\n');
		expect(said).toContain('again: 1\n');
		expect(said).toContain('detached]');
		expect(await done('cat', '-t', 'lab0', files.gdb.path)).toContain('holder: -\n');
	},
	240_000,
);

test('wrong usage, and machines that cannot be held: one sentence', async () => {
	expect(await mmtop(['gdb', 'prog'], env)).toMatchObject({
		exitCode: 2,
		stderr: expect.stringMatching(/files only with --symbols/),
	});
	expect(await mmtop(['gdb', '--pid', 'x'], env)).toMatchObject({exitCode: 2});
	const none = await mmtop(['gdb', '--pid', '4242', '--until', '300ms', '--load', 'quiet'], env);
	expect(none.stderr).toMatch(/^mmtop: no compiled program has the pid 4242; .*\n$/);
	expect(none.exitCode).toBe(1);
});
