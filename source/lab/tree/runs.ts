/** Frames as runs of neighbours, as files list them. */
import type {FrameRun} from '../../formats/cells.ts';

/** @param frames in any order, each once */
export function runsOf(frames: Iterable<number>): FrameRun[] {
	const runs: {pfn: number; frames: number}[] = [];
	for (const frame of [...frames].sort((a, b) => a - b)) {
		const last = runs.at(-1);
		if (last && last.pfn + last.frames === frame) last.frames++;
		else runs.push({pfn: frame, frames: 1});
	}
	return runs;
}
