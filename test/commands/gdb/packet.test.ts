import fc from 'fast-check';
import {expect, test} from 'vitest';
import {hexOfWord, PacketReader, packetOf, wordOfHex} from '../../../source/commands/gdb/packet.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const body = fc.string({unit: fc.integer({min: 0, max: 255}).map(code => String.fromCharCode(code)), maxLength: 40});

test('whatever a packet holds, it arrives, in whatever pieces', () => {
	fc.assert(
		fc.property(fc.array(body, {maxLength: 5}), fc.infiniteStream(fc.integer({min: 1, max: 9})), (bodies, sizes) => {
			const stream = bytesOf(bodies.map(packetOf).join('+'));
			const reader = new PacketReader();
			const found: unknown[] = [];
			for (let at = 0; at < stream.length; ) {
				const size = sizes.next().value;
				found.push(...reader.take(stream.subarray(at, at + size)));
				at += size;
			}
			expect(found.filter(each => (each as {kind: string}).kind === 'packet')).toEqual(
				bodies.map(each => ({kind: 'packet', body: each, isIntact: true})),
			);
		}),
	);
});

test('whatever comes, nothing is thrown', () => {
	fc.assert(fc.property(fc.uint8Array({maxLength: 200}), bytes => void new PacketReader().take(bytes)));
});

test('a sum that is wrong is seen; ^C and answers between packets are told apart, and noise is skipped', () => {
	const reader = new PacketReader();
	expect(reader.take(bytesOf('$m1,2#00'))).toEqual([{kind: 'packet', body: 'm1,2', isIntact: false}]);
	expect(reader.take(bytesOf('+-\u0003xyz$?#3f'))).toEqual([
		{kind: 'taken'},
		{kind: 'again'},
		{kind: 'interrupt'},
		{kind: 'packet', body: '?', isIntact: true},
	]);
	expect(packetOf('OK')).toBe('$OK#9a');
	expect(packetOf('}')).toBe('$}]#da');
});

test('a packet that never ends is forgotten, and the next one is heard', () => {
	const reader = new PacketReader();
	expect(reader.take(bytesOf(`$${'a'.repeat(70_000)}`))).toEqual([]);
	expect(reader.take(bytesOf('$?#3f'))).toEqual([{kind: 'packet', body: '?', isIntact: true}]);
});

test('words go with their lowest byte first', () => {
	expect(hexOfWord(0xc480_8040)).toBe('408080c4');
	fc.assert(fc.property(fc.integer({min: 0, max: 0xffff_ffff}), value => wordOfHex(hexOfWord(value)) === value));
	expect(wordOfHex('408080c')).toBeUndefined();
	expect(wordOfHex('xxxxxxxx')).toBeUndefined();
});
