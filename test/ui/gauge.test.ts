import fc from 'fast-check';
import {expect, test} from 'vitest';
import {line, lineText} from '../../source/ui/terminal/lines.ts';
import {pressureTone, watermarkGauge} from '../../source/ui/view/gauge.ts';

const marks = {min: 64, low: 80, high: 96};

const text = (free: number, columns = 24): string => lineText(line(...watermarkGauge(free, marks, 4096, columns)));

test('each doubling of free pages is as long as the one before, and the watermarks stand in their order', () => {
	expect(text(0)).toBe('────────────mlh─────────');
	expect(text(64)).toBe('━━━━━━━━━━━━mlh─────────');
	expect(text(1024)).toBe('━━━━━━━━━━━━mlh━━━━━━───');
	expect(text(4096)).toBe('━━━━━━━━━━━━mlh━━━━━━━━━');
});

test('below low and below min the line says so', () => {
	expect([97, 79, 63].map(free => pressureTone(free, marks))).toEqual(['bar.full', 'warning', 'bad']);
});

test('it is as wide as asked, whatever the numbers are', () => {
	const pages = fc.nat(2 ** 22);
	fc.assert(
		fc.property(pages, pages, pages, pages, fc.integer({min: 6, max: 60}), (free, min, low, present, columns) => {
			const drawn = lineText(line(...watermarkGauge(free, {min, low, high: low}, present, columns)));
			expect([...drawn]).toHaveLength(columns);
		}),
	);
});
