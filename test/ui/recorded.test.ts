import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {path} from '../../source/model/paths.ts';
import {recordTo} from '../../source/target/recorder.ts';
import {openRecording} from '../../source/target/recording.ts';
import {temporaryDirectory} from '../server/support.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {type Session, startSession} from './support/session.ts';

function opened(...options: Parameters<typeof startSession>): Session {
	const session = startSession(...options);
	onTestFinished(() => {
		session.stop();
		expect(session.crashes).toEqual([]);
	});
	return session;
}

test.each([
	[200, 60, 'HighMem'],
	[80, 24, 'frames a cell'],
])('what was recorded on a screen of 120x40 is shown on one of %ix%i', async (columns, rows, text) => {
	const file = join(await temporaryDirectory(), 'lab.samples');
	const recorder = await recordTo(file, createFakeTarget());
	const recorded = opened(recorder);
	await recorded.waitForText('112 mapper');
	await recorded.waitFor(() =>
		Object.keys(recorded.monitor.state().picture.tree).some(each => each.startsWith(`${path.pageMap}/`)),
	);
	recorded.stop();
	await recorder.close();

	const recording = await openRecording(file);
	onTestFinished(() => recording.close());
	const {monitor, waitFor, waitForText, press} = opened(recording, {columns, rows});
	await waitForText('40000000-40004000');
	press('2', 'z');
	await waitFor(
		now =>
			now.includes(text) && Object.keys(monitor.state().picture.tree).some(each => each.startsWith(`${path.pageMap}/`)),
	);
	press('T', 'home', 'enter');
	await waitForText('here it stands still: Space plays on');
	expect(monitor.state().picture.playback).toMatchObject({atMs: 0, paused: true});
	press('space');
	await waitFor(() => monitor.state().picture.playback?.paused === false);
});
