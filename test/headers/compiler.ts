import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {ERA_NUMBERS} from '../../source/kernel/module/layouts.ts';

/** Compilers for i386 that are installed here. Tests that need one are skipped where there is none. */
export const compilers: readonly string[] = ['gcc', 'clang'].filter(
	name => spawnSync(name, ['-m32', '-c', '-x', 'c', '-', '-o', '/dev/null'], {input: ''}).status === 0,
);

const include = join(import.meta.dirname, '../../headers/include');

const flags: readonly string[] = [
	'-m32',
	'-march=i686',
	'-mno-sse',
	'-mno-80387',
	'-std=gnu11',
	'-ffreestanding',
	'-fno-pic',
	'-fno-stack-protector',
	'-fcf-protection=none',
	'-fno-asynchronous-unwind-tables',
	'-fno-common',
	'-fno-strict-aliasing',
	'-nostdinc',
	`-I${include}`,
	'-Wall',
	'-Wno-pointer-sign',
];

/** What a compiler says about a source, and the object. */
export function compile(
	compiler: string,
	era: EraName,
	source: string,
	more: readonly string[] = ['-O2'],
): {readonly status: number | null; readonly messages: string; readonly object: Uint8Array} {
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-headers-'));
	try {
		writeFileSync(join(directory, 'test.c'), source);
		const {status, stderr} = spawnSync(
			compiler,
			[...flags, `-DMMTOP_ERA=${ERA_NUMBERS[era]}`, ...more, '-c', 'test.c', '-o', 'test.o'],
			{cwd: directory, encoding: 'utf8'},
		);
		const object = status === 0 ? readFileSync(join(directory, 'test.o')) : new Uint8Array(0);
		return {status, messages: stderr, object};
	} finally {
		rmSync(directory, {recursive: true});
	}
}
