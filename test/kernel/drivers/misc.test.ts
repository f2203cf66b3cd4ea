import {expect, test} from 'vitest';
import {MISC_DYNAMIC_MINOR, misc_deregister, misc_register} from '../../../source/kernel/drivers/misc.ts';
import {EBUSY, ENODEV} from '../../../source/kernel/errno.ts';
import type {file_operations} from '../../../source/kernel/fs/file.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {quietMachine} from '../../lab/support.ts';

const fops: file_operations = {name: 'test_fops'};

test('minors are given out from 63 down to 0, and then none is left', () => {
	const {k} = quietMachine();
	for (let minor = 63; minor >= 0; minor--) expect(misc_register(k, `m${minor}`, MISC_DYNAMIC_MINOR, fops)).toBe(minor);
	expect(misc_register(k, 'm', MISC_DYNAMIC_MINOR, fops)).toBe(-EBUSY);
	misc_deregister(k, 17);
	expect(misc_register(k, 'again', MISC_DYNAMIC_MINOR, fops)).toBe(17);
});

test('a minor that a driver asks for is its own, until it leaves', () => {
	const {k} = quietMachine();
	expect(misc_register(k, 'watchdog', 130, fops)).toBe(130);
	expect(misc_register(k, 'other', 130, fops)).toBe(-EBUSY);
	expect(k.vfs.nodes.get('/dev/watchdog')?.i_rdev).toEqual({major: 10, minor: 130});
	misc_deregister(k, 130);
	expect(k.vfs.nodes.has('/dev/watchdog')).toBe(false);
	expect(misc_register(k, 'other', 130, fops)).toBe(130);
});

test('who opens the node gets the driver of its minor; without one there is no device', () => {
	const {k} = quietMachine();
	const opened: string[] = [];
	const named = (name: string): file_operations => ({
		name,
		*open() {
			opened.push(name);
			return 0;
		},
	});
	misc_register(k, 'one', MISC_DYNAMIC_MINOR, named('one'));
	const minor = misc_register(k, 'two', MISC_DYNAMIC_MINOR, named('two'));
	const open = (path: string) => sys_open(k, path, 0).next().value as number;
	expect(open('/dev/two')).toBeGreaterThanOrEqual(0);
	expect(opened).toEqual(['two']);
	const node = k.vfs.nodes.get('/dev/two')!;
	misc_deregister(k, minor);
	k.vfs.nodes.set('/dev/two', node);
	expect(open('/dev/two')).toBe(-ENODEV);
});
