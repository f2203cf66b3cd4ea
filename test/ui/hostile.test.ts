/** A target whose names and lines hold what would steer a terminal, watched in every way that there is. */

import {expect, test} from 'vitest';
import {formatFindings} from '../../source/formats/debugfs/lab/findings.ts';
import {formatKmsg} from '../../source/formats/proc/kmsg.ts';
import {path} from '../../source/model/paths.ts';
import {renderOnce} from '../../source/ui/once.tsx';
import {startPlain} from '../../source/ui/plain/plain.ts';
import {numberOf, paneIds} from '../../source/ui/state/panes.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {area} from './support/records.ts';
import {startSession} from './support/session.ts';

/** No line feed: it ends a line of any file. */
const hostile = [
	'evil',
	// Sets the title of the window, and erases the screen.
	'\u001B]0;owned\u0007\u001B[2J',
	// CSI in one character, which sets a colour; NEL, and DEL.
	'\u009B31m\u0085\u007F',
	// Unicode's ends of a line and of a paragraph.
	'\u2028\u2029',
	// The writing turns: this looks like another name.
	'\u202Etxt.exe\u2066\u200F\u061C',
	// Back to the beginning of the line, and by one.
	'\r\u0008',
	// Tags, which nothing shows, and a byte that was not UTF-8.
	'\u{E0041}\u{E007F}\uDCE9',
	'end',
].join('');

const steering = [
	// C0, DEL and C1.
	'\\0-\\u001F\\u007F-\\u009F',
	// What turns the writing, and the two ends.
	'\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069',
	// Half characters, and tags.
	'\\uD800-\\uDFFF\\u{E0000}-\\u{E007F}',
].join('');
const steeringPattern = new RegExp(`[${steering}]`, 'u');

function hostileTarget(): FakeTarget {
	const target = createFakeTarget();
	target.addProcess(131, hostile, {areas: [area(0x4000_0000, 0x4000_4000, 'rw-p', `/tmp/${hostile}`)]}, 9999);
	target.files.set(path.kmsg, formatKmsg({lines: [{level: 3, timeUs: 1000, text: hostile}]}));
	const task = {comm: hostile, pid: 131};
	const found = {id: 1, kind: 'oops', severity: 'error', sinceUs: 1000, untilUs: null, times: 1, task} as const;
	const finding = {...found, driver: hostile, frames: [], objects: [], says: hostile};
	target.files.set(path.findings, formatFindings({olderUs: 1, dropped: 0, findings: [finding]}));
	const trace = target.files.get(path.trace)!;
	target.files.set(path.trace, `${trace}${trace.split('\n').at(-2)!.replace('order=0', `order=0 ${hostile}`)}\n`);
	return target;
}

test('on the screen nothing of it is obeyed', async () => {
	const session = startSession(hostileTarget(), {columns: 80, rows: 24});
	await session.waitForText('1 maps');
	let bytes = '';
	for (const id of paneIds) {
		session.press(String(numberOf(id)));
		await session.waitForText(`[${numberOf(id)} `);
		bytes += session.sent();
	}
	session.press('p');
	await session.waitForText('┌ processes');
	session.press('end', 'enter', '1');
	await session.waitForText('131 evil');
	bytes += session.sent();
	session.press('9');
	await session.waitForText('[9 log]');
	session.stop();
	bytes += session.sent();
	expect(session.crashes).toEqual([]);
	expect(bytes).toContain('evil');
	const rest = bytes.replace(/\u001B\[(?:[\d;]*[mHABCDGdKJ]|\?2026[hl])/g, '').replace(/[\r\n\u0008]/g, '');
	expect(rest).not.toMatch(steeringPattern);
});

test.each([true, false])('on one screen as text nothing of it is there', async unicode => {
	const options = {target: hostileTarget(), columns: 160, rows: 50, theme: createTheme('plain', unicode)};
	const screen = await renderOnce(options);
	expect(screen).toContain('evil');
	expect(screen.replaceAll('\n', '')).not.toMatch(steeringPattern);
});

test('in sentences nothing of it is there', async () => {
	let heard = '';
	let nowMs = 0;
	const target = hostileTarget();
	const plain = startPlain({
		target,
		write(text, taken) {
			heard += text;
			taken();
		},
		nowMs: () => {
			nowMs += 200;
			return nowMs;
		},
		refresh: 10,
		onQuit() {},
		onSuspend() {},
		onCrash(error) {
			throw error;
		},
	});
	const samples = async (count: number): Promise<void> => {
		const asked = target.asked.length + count;
		while (target.asked.length < asked) await new Promise(resolve => setImmediate(resolve));
	};
	await samples(3);
	for (const keys of [
		['p', 'end', 'enter'],
		['1', 'enter', 'down'],
		['/', 'escape'],
		['9', 'enter'],
		['6', 'enter'],
	]) {
		for (const key of keys) plain.press(key);
		await samples(3);
	}
	plain.stop();
	expect(heard.match(/evil/g)!.length).toBeGreaterThan(3);
	expect(heard.replaceAll('\n', '')).not.toMatch(steeringPattern);
});
