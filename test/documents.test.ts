/** What README and docs count and list, beside the code that they speak of. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../source/kernel/era/behaviour.ts';
import {experiments} from '../source/lab/experiments/list.ts';
import {presets} from '../source/lab/presets.ts';
import {usualLimits} from '../source/server/limits.ts';
import {paneIds} from '../source/ui/state/panes.ts';

const text = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

/** The words in `code` of a text. */
const codes = (from: string) => [...from.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);

/** The part of a page that a pattern finds. */
function part(page: string, pattern: RegExp): string {
	const [found] = pattern.exec(page) ?? [];
	if (found === undefined) throw new Error(`nothing is like ${pattern}`);
	return found;
}

describe('README', () => {
	const readme = text('README.md');

	test('counts the experiments', () => {
		expect(part(readme, /mmtop run --list.*/)).toContain(`# ${experiments.length} of them`);
	});

	test('counts the panes', () => {
		const words = ['eight', 'nine', 'ten', 'eleven'];
		expect(readme).toContain(`all ${words[paneIds.length - 8]} panes but`);
	});

	test('names each machine and each era', () => {
		const machines = part(readme, /`--machine [\s\S]*?`--mem`/);
		expect(codes(machines).map(code => code.replace('--machine ', ''))).toEqual(
			expect.arrayContaining(Object.keys(presets)),
		);
		const eras = part(readme, /`--era` chooses.*/);
		expect(codes(eras)).toEqual(['--era', ...ERA_NAMES]);
	});

	test('names each key that injects', () => {
		const keys = experiments.flatMap(({key}) => key ?? []);
		expect(codes(part(readme, /^\| `m` .*inject:/m)).sort()).toEqual(keys.sort());
	});
});

describe('docs', () => {
	test('coverage.md counts the experiments and names only those that exist', () => {
		const page = text('docs/coverage.md');
		expect(page).toContain(`\n${experiments.length} experiments exist;`);
		const names = new Set(experiments.map(({name}) => name));
		const rows = [...page.matchAll(/^\| (\d+) \|.*$/gm)].filter(([, row]) => Number(row) < 44);
		const named = rows.flatMap(([row]) => (row.split(' | ')[4] ?? '').match(/\b[a-z]+(?:-[a-z]+)+\b/g) ?? []);
		expect(named.length).toBeGreaterThan(50);
		expect(named.filter(name => !names.has(name))).toEqual([]);
	});

	test('coverage.md names each experiment', () => {
		const page = text('docs/coverage.md');
		expect(experiments.map(({name}) => name).filter(name => !page.includes(name))).toEqual([]);
	});

	test('files.md gives the limits of a server', () => {
		const {mostFiles, sample, unsentBytes, mostClients, mostAhead, stalledMs} = usualLimits;
		const page = text('docs/files.md');
		const mib = (bytes: number) => `${bytes / 2 ** 20} MiB`;
		for (const words of [
			`more than ${mostFiles} files`,
			`more than ${mib(sample.bytes)} beside its largest file`,
			`more than ${sample.ms / 1000} s to print`,
			`${mib(unsentBytes)} of answers`,
			`${mostAhead} requests of one client`,
			`${mostClients} clients of one socket`,
			`for ${stalledMs / 1000} s loses its connection`,
		])
			expect(page).toContain(words);
	});

	test('dependencies.md has a row for each package, with its version', () => {
		const {dependencies, devDependencies} = JSON.parse(text('package.json'));
		const page = text('docs/dependencies.md');
		const missing = Object.entries({...dependencies, ...devDependencies}).filter(([name, range]) => {
			const [, major = ''] = /(\d+)/.exec(String(range)) ?? [];
			const version = Number(major) > 0 && !String(range).startsWith('npm:') ? `${name} ${major}` : name;
			return !page.includes(version);
		});
		expect(missing.map(([name]) => name)).toEqual([]);
	});
});

test('CHANGELOG counts the experiments and names each era', () => {
	const changes = text('CHANGELOG.md');
	expect(changes).toContain(`- ${experiments.length} experiments, each`);
	const eras = part(changes, /in \w+ eras \(.*?\)/);
	const words = ['five', 'six', 'seven', 'eight'];
	expect(eras).toBe(`in ${words[ERA_NAMES.length - 5]} eras (\`${ERA_NAMES[0]}\`, ${ERA_NAMES.slice(1).join(', ')})`);
});
