/** The call traces of reports, against those that the kernel of the recordings printed. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {atomic} from './atomic.ts';
import {callTraces, notInOrder} from './callTraces.ts';
import {dmaDebug} from './dmaDebug.ts';
import {readVectors} from './readVectors.ts';

/** For each case the traces of the recorded kernel. */
function recorded(topic: string): ReadonlyMap<string, readonly (readonly string[])[]> {
	const text = readFileSync(new URL('../../fixtures/vectors/debug/call_traces.txt', import.meta.url), 'utf8');
	const section = text.split(`[${topic}]\n`)[1]!.split('\n[')[0]!.trim();
	return new Map(
		section.split('\n').map(line => {
			const [name = '', traces = ''] = line.split(': ');
			return [name, traces.split('|').map(trace => trace.split(' ').filter(each => each !== ''))];
		}),
	);
}

/** What is another function, or none, on the stack of the recorded kernel, and why. */
const oursOnly: Readonly<Record<string, string>> = {
	ms_nc: 'a function of the cases',
	kthread: 'the cases run in a thread of the kernel here',
	ret_from_fork: 'the same',
	__common_interrupt: 'it stands below the driver in the recording',
	common_interrupt: 'the same',
	asm_common_interrupt: 'the same',
	tasklet_action: 'the same',
	__do_softirq: 'the same',
};

/** Cases in which the driver itself has what our function stands for. */
const inlineInDriver = ['map_vmalloc', 'spin_cond_resched', 'kmap_atomic_msleep', 'kmap_atomic_schedule', 'irq_kunmap'];

/** Cases whose trace we do not print: reports of SLUB have none here. */
const withoutTrace = ['fatal_kfree_twice 0', 'fatal_write_after_kfree 0'];

test.each([
	['atomic', atomic],
	['dma_debug', dmaDebug],
] as const)('%s: each recorded trace has one of ours, and its functions in this order', (name, topic) => {
	const document = readVectors(`debug/${name}`);
	const traces = recorded(name);
	const wrong: string[] = [];
	let compared = 0;
	/** Recorded traces that none of ours stands for. */
	const missing = new Set(
		[...traces].flatMap(([which, all]) => all.flatMap((each, i) => (each.length > 0 ? `${which} ${i}` : []))),
	);
	for (const {answered, outcome} of topic.run(document, {})) {
		const {case: which, dmesg = []} = (answered ?? {}) as {case?: string; dmesg?: readonly string[]};
		const theirs = traces.get(String(which)) ?? [];
		if (outcome === 'skipped') theirs.forEach((_, i) => void missing.delete(`${which} ${i}`));
		for (const [i, trace] of callTraces(dmesg).entries()) {
			const ours = trace.filter(each => !(each in oursOnly) && each !== which);
			const extra = notInOrder(ours, theirs[i] ?? []);
			compared += ours.length - extra.length;
			if (ours.length > extra.length) missing.delete(`${which} ${i}`);
			if (extra.length > 0 && !inlineInDriver.includes(String(which)))
				wrong.push(`${which} ${i}: ${extra.join(' ')} / ${theirs[i]?.join(' ')}`);
		}
	}
	expect(wrong).toEqual([]);
	expect([...missing]).toEqual(name === 'atomic' ? withoutTrace : []);
	expect(compared).toBeGreaterThan(40);
});
