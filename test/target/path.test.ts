import fc from 'fast-check';
import {expect, test} from 'vitest';
import {isBinaryPath, treePath} from '../../source/target/path.ts';
import {asTargetError, errorFromSentence, oneLine} from '../../source/target/sentence.ts';
import {TargetError} from '../../source/target/target.ts';

test('a path has one spelling', () => {
	expect(treePath('/proc//1/./maps/')).toBe('/proc/1/maps');
	expect(treePath('/proc/1/../2/maps')).toBe('/proc/2/maps');
	expect(treePath('/../..')).toBe('/');
	expect(treePath('/sys/kernel/debug/translate/user:112:0xb7fe1000')).toBe(
		'/sys/kernel/debug/translate/user:112:0xb7fe1000',
	);
});

test('whatever a path is made of, its spelling stays below the root and is final', () => {
	const part = fc.constantFrom('.', '..', '...', '', 'proc', 'a b', '%2e%2e', '~', '\\..', 'é');
	fc.assert(
		fc.property(fc.array(part, {maxLength: 12}), parts => {
			const path = treePath(`/${parts.join('/')}`);
			expect(path).toMatch(/^\//);
			expect(path.split('/').slice(1)).not.toContain('..');
			expect(treePath(path)).toBe(path);
		}),
	);
});

test('what is not a path is refused by name', () => {
	expect(() => treePath('proc/1')).toThrow('EINVAL: a path starts with "/", as /proc/meminfo; got "proc/1"');
	expect(() => treePath('')).toThrow(TargetError);
	expect(() => treePath('/a\u001b[2J')).toThrow(/^EINVAL: .*"\/a\\u001b\[2J"$/);
	expect(() => treePath(`/${'a'.repeat(4096)}`)).toThrow(/^ENAMETOOLONG: /);
});

test('the three binary files are known by name', () => {
	expect(['/proc/kpagecount', '/proc/kpageflags', '/proc/1/pagemap'].every(isBinaryPath)).toBe(true);
	expect(['/proc/1/maps', '/proc/pagemap/x', '/pagemaps'].some(isBinaryPath)).toBe(false);
});

test('a text from elsewhere becomes one printable line', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 700}), text => {
			expect(oneLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
			expect(oneLine(text).length).toBeLessThanOrEqual(500);
		}),
	);
});

test('errors keep their errno through a sentence and back', () => {
	const error = new TargetError('EINVAL', 'pages must be 1..1024, got "-3"');
	expect(errorFromSentence(error.message)).toEqual(error);
	expect(errorFromSentence('oops')).toMatchObject({code: 'EIO', message: 'EIO: oops'});
	expect(asTargetError(Object.assign(new Error('EPERM: no'), {code: 'EPERM'}))).toMatchObject({message: 'EPERM: no'});
	expect(asTargetError(new Error('broken'))).toMatchObject({message: 'EIO: internal error, broken'});
});
