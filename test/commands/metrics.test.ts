/** Numbers for Prometheus: the grammar is that of OpenMetrics 1.0, and of Prometheus' own text. */

import {expect, test} from 'vitest';
import {metricsText} from '../../source/commands/metrics.ts';
import {files} from '../../source/formats/files.ts';
import {bootLab} from '../../source/lab/lab.ts';

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const comment = new RegExp(`^# (?:HELP ${name} .+|TYPE ${name} gauge)$`);
const point = new RegExp(`^(${name})(\\{${label}(?:,${label})*\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`);

/** The points by name and labels. @throws for a text that is not in the grammar */
function pointsOf(text: string): Map<string, number> {
	const lines = text.split('\n');
	expect(lines.splice(-2)).toEqual(['# EOF', '']);
	const points = new Map<string, number>();
	const typed: string[] = [];
	for (const line of lines) {
		if (line.startsWith('#')) {
			expect(line).toMatch(comment);
			if (line.startsWith('# TYPE ')) typed.push(line.split(' ')[2]!);
			continue;
		}
		const found = point.exec(line);
		expect(found, line).not.toBeNull();
		// The points of a family stand together, behind its type.
		expect(found![1]).toBe(typed.at(-1));
		const key = found![1]! + (found![2] ?? '');
		expect(points.has(key), `${key} twice`).toBe(false);
		points.set(key, Number(found![3]));
	}
	expect(new Set(typed).size).toBe(typed.length);
	return points;
}

test('a machine has all of them, and each is what its file says', () => {
	const lab = bootLab({});
	lab.run(200_000_000, 100_000);
	const paths = [files.meminfo, files.vmstat, files.buddyinfo, files.zoneinfo, files.aioNr, files.aioMaxNr];
	const ours = [files.dmaDump, files.swiotlb, files.findings, files.machine];
	const sampled = Object.fromEntries([...paths, ...ours].map(({path}) => [path, {text: String(lab.read(path))}]));
	const points = pointsOf(metricsText('lab', {files: sampled, timeNs: 200_000_000}));
	const meminfo = files.meminfo.parse(sampled[files.meminfo.path]!.text);
	expect(points.get('mmtop_memory_bytes{name="MemFree"}')).toBe(meminfo.MemFree! * 1024);
	const [zone] = files.buddyinfo.parse(sampled[files.buddyinfo.path]!.text).zones;
	expect(points.get(`mmtop_zone_free_blocks{zone="${zone!.zone}",order="3"}`)).toBe(zone!.freeBlocks[3]);
	expect(points.get('mmtop_aio_requests{state="most"}')).toBe(65536);
	expect(points.get('mmtop_time_seconds')).toBe(0.2);
	expect(points.get('mmtop_files_lacking')).toBe(0);
	expect([...points.keys()].some(key => key.startsWith('mmtop_machine_info{preset="lab",era="ldd3"'))).toBe(true);
	const {mappings} = files.dmaDump.parse(sampled[files.dmaDump.path]!.text);
	const counts = [...points].filter(([key]) => key.startsWith('mmtop_dma_mappings{')).map(([, value]) => value);
	expect(counts.reduce((sum, value) => sum + value, 0)).toBe(mappings.length);
});

test('what a target lacks, or gives in another format, has no line', () => {
	const points = pointsOf(
		metricsText('a "b"\\\n\udce9', {
			files: {[files.meminfo.path]: {text: 'MemFree: 7 kB\nnonsense\n'}, [files.vmstat.path]: {error: 'EACCES: no'}},
			timeNs: 5e8,
		}),
	);
	expect([...points.keys()].map(key => key.replace(/version="[^"]*"/, ''))).toEqual([
		'mmtop_info{,target="a \\"b\\"\\\\\\n\uFFFD"}',
		'mmtop_time_seconds',
		'mmtop_files_lacking',
	]);
	expect(points.get('mmtop_files_lacking')).toBe(9);
});
