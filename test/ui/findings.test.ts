/** What is wrong on the machine is said without taking the focus, and shown by pane 0. */
import {afterEach, expect, test} from 'vitest';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {oops, pinned, put} from './support/foundRecords.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;

afterEach(() => {
	session?.stop();
	expect(session?.crashes).toEqual([]);
	session = undefined;
});

function start(target: FakeTarget, size = {columns: 80, rows: 24}): Session {
	session = startSession(target, size);
	return session;
}

test('an unseen finding is in the status bar, whichever pane has the focus, until 0 is pressed', async () => {
	const target = createFakeTarget();
	put(target, []);
	const {monitor, press, waitFor, waitForText} = start(target);
	await waitForText('08048000-');
	put(target, [pinned]);
	await waitForText('1 finding · 0 shows it');
	expect(monitor.state().focus).toBe('maps');
	put(target, [pinned, oops]);
	await waitForText('2 findings · 0 shows them');
	press('0');
	await waitFor(now => now.includes('[0 findings]') && !now.includes('shows them'));
	const screen = await waitForText('1 of 2 still so');
	expect(screen).toMatch(
		/! 12\.345678 ×3 +oops +Unable to handle[\s\S]*w 12\.345678 still +pin-alone +page frames 0x7c00/,
	);
	press('1', '6');
	await waitFor(now => !now.includes('0 findings ─'));
	put(target, [pinned, oops, {...oops, id: 3, says: 'again'}]);
	await waitForText('1 finding · 0 shows it');
	// The machine went back: what comes again is new again.
	put(target, [pinned]);
	await waitFor(now => !now.includes('shows it'));
});

test('Enter shows all of a finding, w what it happened within, and its frames light up', async () => {
	const target = createFakeTarget();
	put(target, [pinned, oops]);
	const {monitor, press, waitFor, waitForText} = start(target, {columns: 120, rows: 40});
	await waitForText('2 findings · 0 shows them');
	press('0');
	await waitForText('still so');
	press('down', 'enter');
	const whole = await waitForText('leaky_write');
	expect(whole).toContain('finding 2');
	expect(whole).toContain('error, oops · 12.345678 to 13.000000, 3 times · writer-7, driver leaky');
	expect(whole).toContain('└ in sys_write (fd: 3) = 0x1000');
	press('escape', 'down', 'w');
	expect(await waitForText('what made finding 1?')).toContain('finding 1?');
	await waitForText('└ in sys_write');
	press('escape');
	await waitFor(now => !now.includes('what made'));
	expect(monitor.state().views.findings.selected).toBe('1');
	expect(monitor.state().zoomed).toBe(false);
	press('z');
	expect(monitor.state().zoomed).toBe(true);
	press('z', 'f');
	expect(monitor.state().following.pfn).toBe(0x7c00);
});

test('a target without findings says so, and the status bar says nothing', async () => {
	const {press, waitForText} = start(createFakeTarget());
	await waitForText('08048000-');
	press('0');
	expect(await waitForText('[0 findings]')).not.toContain('shows');
});
