import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {bootLab} from '../../source/lab/lab.ts';

const execPath = '/sys/kernel/debug/lab/exec';
const program = readFileSync(new URL('../../fixtures/programs/signals', import.meta.url));

const printed = `null: count 7 code 1 address 1234 trap 14 error 6 cr2 1234
text: count 8 code 2 error 7
divide: code 1 trap 0
undefined: code 2 trap 6
plain: count 1 blocked inside 1
blocked: count 1
unblocked: count 2
alternate: 1
once: 10
again: killed by 10
read: -4
read: 1 y, signals 17
child: 3
`;

test.each(ERA_NAMES)('handlers see their frames, masks hold, and calls are broken off or go on in %s', era => {
	const lab = bootLab({load: 'none', era});
	lab.run(0.3e9, Number.MAX_SAFE_INTEGER);
	const upload = lab.write(execPath, `load signals ${program.length}`, 'test');
	for (let at = 0; at < program.length; at += 3000)
		lab.write(execPath, `data ${upload} ${program.subarray(at, at + 3000).toString('base64')}`, 'test');
	const id = lab.write(execPath, `run ${upload} []`, 'test');
	const record = () => parseExec(lab.read(execPath) as string).programs.find(each => each.id === Number(id))!;
	const endNs = lab.timeNs() + 4e9;
	while (record().status === 'running' && lab.timeNs() < endNs) lab.run(lab.timeNs() + 10e6, Number.MAX_SAFE_INTEGER);
	expect(Buffer.from(lab.read(`${execPath}/${id}`) as Uint8Array).toString('latin1')).toBe(printed);
	expect(record()).toMatchObject({status: 'exited', code: 0});
	expect(lab.stopped()).toBeUndefined();
});
