import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {recordTo} from '../../source/target/recorder.ts';
import {openRecording} from '../../source/target/recording.ts';
import type {Target} from '../../source/target/target.ts';
import {catLine, wantedPaths} from '../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../source/ui/state/layout.ts';
import {paneIds} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {sampleOf} from '../sample.ts';
import {temporaryDirectory} from '../server/support.ts';
import {createFakeTarget} from '../ui/support/fakeTarget.ts';
import {startWatcher} from '../ui/support/watcher.ts';
import {mmtopCommand} from './support.ts';

async function looked(target: Target, before: State): Promise<State> {
	const sample = await target.sample({paths: wantedPaths(before)});
	return update(before, {type: 'sampled', sample, panes: visiblePanes(before), nowMs: 0}).state;
}

/** What a shell in a directory makes of a line. */
function pasted(line: string, cwd: string) {
	const mmtop = `mmtop() { ${mmtopCommand.map(word => `'${word}'`).join(' ')} "$@"; }`;
	return spawnSync('sh', ['-c', `${mmtop}\n${line}`], {cwd, encoding: 'utf8', env: {...process.env, NODE_ENV: ''}});
}

test.each([
	'it\'s of 3 o\'clock, $HOME `date` "x".samples',
	'-t.samples',
	'plain.samples',
])('the line that prints what a pane shows of the recording %s works where it is pasted', async file => {
	const directory = await temporaryDirectory();
	const recorder = await recordTo(join(directory, file), createFakeTarget());
	const {state} = await startWatcher(createFakeTarget(), 200, 60);
	await recorder.sample({paths: wantedPaths(state())});
	await recorder.close();

	// Each way to name a file: the second name by all of them, the others for two lines.
	const ways = [file, `./${file}`, join(directory, file)];
	for (const name of file.startsWith('-') ? ways : [file]) {
		const recording = await openRecording(join(directory, file));
		const target = {...recording, name};
		// A smaller screen than the recorded one.
		const seen = await looked(target, await looked(target, initialState(target, 120, 40)));
		await recording.close();
		const lines = paneIds.flatMap(id => catLine(seen, id) ?? []);
		expect(lines.join('\n')).toContain('/sys/kernel/debug/page_map/');
		expect(lines.length).toBeGreaterThan(6);
		const some = name === file ? lines : sampleOf(lines, 2);
		const {status, stderr, stdout} = pasted(some.join(' && '), directory);
		expect({status, stderr}).toEqual({status: 0, stderr: ''});
		if (name === file) expect(stdout).toContain('dbwriter');
		else expect(stdout).not.toBe('');
	}
});
