/** /proc/devices: major numbers, fs/char_dev.c and block/genhd.c, the same text from 2.6.11 to 6.18. */

import {joinLines, Lines} from '../text.ts';

type DeviceMajor = {readonly major: number; readonly name: string};

type Devices = {readonly character: readonly DeviceMajor[]; readonly block: readonly DeviceMajor[]};

const show = ({major, name}: DeviceMajor) => `${String(major).padStart(3)} ${name}`;

export function formatDevices({character, block}: Devices): string {
	return joinLines(['Character devices:', ...character.map(show), '', 'Block devices:', ...block.map(show)]);
}

function parseMajors(lines: Lines): DeviceMajor[] {
	const majors: DeviceMajor[] = [];
	for (;;) {
		const groups = lines.tryMatch(/^ *(\d+) (.*)$/s);
		if (groups === undefined) return majors;
		majors.push({major: Number(groups[0]), name: groups[1]!});
	}
}

/** @throws FormatError */
export function parseDevices(text: string): Devices {
	const lines = new Lines('devices', text);
	lines.expect('Character devices:');
	const character = parseMajors(lines);
	lines.expect('');
	lines.expect('Block devices:');
	const block = parseMajors(lines);
	if (!lines.done) lines.fail('a major number and a name');
	return {character, block};
}
