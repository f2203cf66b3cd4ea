/** Each era says what it is, under the names that its kernel has. */
import {describe, expect, test} from 'vitest';
import {pathOf} from '../../source/formats/fileRow.ts';
import {files} from '../../source/formats/files.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {sampleOf} from '../sample.ts';
import {quietLab, runAll} from './support.ts';

describe.each(ERA_NAMES)('%s', era => {
	const lab = quietLab({era});

	test('says whether it is one kernel', () => {
		const {composite} = files.machine.parse(String(lab.read(files.machine.path)));
		expect(composite !== null).toBe(['ldd3', '6.18'].includes(era));
		if (era === '6.18') expect(composite).toMatch(/^behaves as 6\.1, with /);
	});

	test('calls the lock of an address space mmap_lock from 5.8 on', () => {
		const text = String(lab.read(pathOf(files.vma, {pid: 1})));
		const name = ['5.10', '6.1', '6.18'].includes(era) ? 'mmap_lock' : 'mmap_sem';
		expect(text).toMatch(new RegExp(`^# locks: ${name}=free `, 'm'));
		expect(files.vma.parse(text).lockName).toBe(name);
	});
});

describe('a claim that a kernel does not hold', () => {
	const others = experiments.flatMap(experiment =>
		ERA_NAMES.filter(era => experiment.eras && !experiment.eras.includes(era)).map(era => ({experiment, era})),
	);

	test('does not hold there, or is refused', () => {
		expect(others.length).toBeGreaterThan(30);
		for (const {experiment, era} of sampleOf(others, 10)) {
			const {name, preset} = experiment;
			const lab = quietLab({era, ...(preset !== undefined && {preset})});
			let status: string;
			try {
				status = runAll(lab, [name])[0]!.status;
			} catch (error) {
				expect((error as Error).message).toMatch(/^EPERM: /);
				continue;
			}
			expect([name, era, status]).not.toEqual([name, era, 'done']);
		}
	});

	test('the page of each such experiment says how it is there', () => {
		const silent = others.filter(
			({experiment, era}) => !experiment.lesson.differences?.some(({eras}) => eras.includes(era)),
		);
		expect(silent.map(({experiment, era}) => `${experiment.name} ${era}`)).toEqual([]);
	});
});
