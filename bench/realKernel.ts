import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

/**
 * Compiles and runs vmabench.c, which measures the kernel of this machine.
 * @returns nanoseconds an operation by name; empty where there is no C compiler
 */
export function measureRealKernel(): Map<string, number> {
	const directory = mkdtempSync(path.join(tmpdir(), 'vmabench-'));
	try {
		const program = path.join(directory, 'vmabench');
		const source = fileURLToPath(new URL('vmabench.c', import.meta.url));
		execFileSync('cc', ['-O2', '-o', program, source], {stdio: 'ignore'});
		const output = execFileSync(program, [path.join(directory, 'file')], {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		return new Map(
			output
				.split('\n')
				.filter(Boolean)
				.map(line => JSON.parse(line) as {bench: string; ns_per_op?: number})
				.flatMap(({bench, ns_per_op}) => (ns_per_op === undefined ? [] : [[bench, ns_per_op] as const])),
		);
	} catch {
		return new Map();
	} finally {
		rmSync(directory, {recursive: true, force: true});
	}
}
