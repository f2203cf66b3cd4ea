/** The file lab/class: who may write what to the machine of a class, and what outlives the server. */
import {expect, test} from 'vitest';
import {type ClassRole, formatClass, parseClass} from '../../source/formats/debugfs/lab/class.ts';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseSession} from '../../source/formats/debugfs/lab/session.ts';
import {files} from '../../source/formats/files.ts';
import {serverFiles} from '../../source/formats/serverFiles.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {ClassSeat, type KeptClass} from '../../source/server/classSeat.ts';
import {headlessMachine} from '../../source/target/headless.ts';

const classPath = serverFiles.class.path;
const clockPath = files.clock.path;

function classSeat(kept?: KeptClass) {
	const lab = bootLab({load: 'quiet'});
	const saved: KeptClass[] = [];
	let nowMs = 0;
	const seat = new ClassSeat({
		class: 'os-lab',
		student: 'alice',
		kept,
		keep: each => void saved.push(each),
		client: by => headlessMachine(lab, by).target,
		nowMs: () => nowMs,
		nowText: () => '2026-11-28T09:00:00Z',
	});
	const join = (who: string, role: ClassRole) => {
		const target = seat.client(`${who}@mmtop-7`, role);
		const text = async (path: string) => String(await target.read(path));
		return {
			...target,
			say: (words: string) => target.write(classPath, words),
			clock: async () => parseClock(await text(clockPath)).state,
			record: async () => parseClass(await text(classPath)),
			text,
		};
	};
	return {join, saved, begin: () => seat.begin(), passes: (ms: number) => void (nowMs += ms)};
}

test('a fresh class has a name and a student, and is read back as it was printed', async () => {
	const {join} = classSeat();
	const student = join('alice', 'student');
	const nothing = {messages: [], present: [], frozenBy: null, follow: null};
	expect(await student.record()).toEqual({class: 'os-lab', student: 'alice', role: 'student', monitors: 0, ...nothing});
	expect((await join('ann', 'teacher').record()).role).toBe('teacher');
	expect(await student.list('/sys/kernel/debug/lab/')).toContain('class');
	const full = {
		...(await student.record()),
		messages: [{at: '2026-11-28T09:00:00Z', text: 'a b: #1'}],
		present: [{who: 'ann maria', role: 'teacher' as const}],
		frozenBy: 'ann maria',
		follow: {who: 'ann maria', pane: 'dma', selection: null},
	};
	expect(parseClass(formatClass(full))).toEqual(full);
	expect(() => parseClass(`${formatClass(full)}more: 1\n`)).toThrow(/lab\/class, line 10/);
});

test.each(['student', 'observer'] as const)('a %s writes nothing to it', async role => {
	const {join, saved} = classSeat();
	const client = join('alice', role);
	for (const words of ['message hello', 'freeze', 'thaw', 'follow dma', 'unfollow', 'enter', 'leave', '']) {
		await expect(client.say(words)).rejects.toThrow(/^E(?:PERM|ACCES): [^\n]*$/);
	}
	expect(saved).toEqual([]);
});

test('a helper says something and comes in, and does no more', async () => {
	const {join} = classSeat();
	const helper = join('bob', 'helper');
	await helper.say('message ask me');
	await helper.say('enter');
	for (const words of ['freeze', 'thaw', 'follow dma', 'unfollow']) {
		await expect(helper.say(words)).rejects.toThrow(/^EPERM: a helper may write message, enter, leave;/);
	}
	const {messages, present} = await helper.record();
	expect(messages).toEqual([{at: '2026-11-28T09:00:00Z', text: 'ask me'}]);
	expect(present).toEqual([{who: 'bob', role: 'helper'}]);
});

test('frozen, the machine stands and a student writes nothing; thawed, both go on', async () => {
	const {join} = classSeat();
	const [student, teacher, helper] = [join('alice', 'student'), join('ann', 'teacher'), join('bob', 'helper')];
	await teacher.say('freeze');
	await teacher.say('freeze');
	expect(await student.record()).toMatchObject({frozenBy: 'ann'});
	expect(await student.clock()).toBe('paused');
	for (const path of [clockPath, files.inject.path, files.load.path]) {
		await expect(student.write(path, 'run')).rejects.toThrow(/^EPERM: this machine is frozen by the teacher \(ann\)$/);
	}
	await helper.write(files.load.path, 'calm');
	expect(await student.clock()).toBe('paused');
	await teacher.say('thaw');
	await teacher.say('thaw');
	expect(await student.clock()).toBe('running');
	await student.write(files.load.path, 'quiet');
	expect((await student.record()).frozenBy).toBeNull();
});

test('one that its student had paused stays paused when it is thawed', async () => {
	const {join} = classSeat();
	const [student, teacher] = [join('alice', 'student'), join('ann', 'teacher')];
	await student.write(clockPath, 'pause');
	await teacher.say('freeze');
	await teacher.say('thaw');
	expect(await student.clock()).toBe('paused');
});

test('a machine that a helper let run while it was frozen stands again when it is frozen again', async () => {
	const {join} = classSeat();
	const [helper, teacher, student] = [join('bob', 'helper'), join('ann', 'teacher'), join('alice', 'student')];
	await teacher.say('freeze');
	await helper.write(clockPath, 'run');
	expect(await student.clock()).toBe('running');
	await join('eve', 'teacher').say('freeze');
	expect([await student.clock(), (await student.record()).frozenBy]).toEqual(['paused', 'ann']);
	await teacher.say('thaw');
	expect(await student.clock()).toBe('running');
});

test('messages and the freeze outlive the server; presence and what is followed end with a connection', async () => {
	const {join, saved} = classSeat();
	const teacher = join('ann', 'teacher');
	for (let number = 1; number <= 21; number++) await teacher.say(`message  number ${number}`);
	await teacher.say('freeze');
	await teacher.say('enter');
	await teacher.say('follow dma pfn:0x7c00');
	expect(await teacher.record()).toMatchObject({
		present: [{who: 'ann', role: 'teacher'}],
		follow: {who: 'ann', pane: 'dma', selection: 'pfn:0x7c00'},
	});
	await teacher.close();
	const next = classSeat(saved.at(-1));
	await next.begin();
	const after = next.join('alice', 'student');
	expect(await after.clock()).toBe('paused');
	const {messages, frozenBy} = await after.record();
	expect(frozenBy).toBe('ann');
	expect(messages.map(({text}) => text)).toEqual(Array.from({length: 20}, (_, index) => `number ${index + 2}`));
	await expect(after.write(files.load.path, 'calm')).rejects.toThrow(/^EPERM/);
	const student = join('alice', 'student');
	expect(await student.record()).toMatchObject({present: [], follow: null, frozenBy: 'ann'});
});

test('another teacher’s follow takes the place of the first, and the end of the first leaves it', async () => {
	const {join} = classSeat();
	const [ann, eve] = [join('ann', 'teacher'), join('eve', 'teacher')];
	await ann.say('follow dma');
	await eve.say('follow maps');
	await ann.close();
	expect((await eve.record()).follow).toEqual({who: 'eve', pane: 'maps', selection: null});
	await eve.say('unfollow');
	expect((await eve.record()).follow).toBeNull();
});

test('what is not understood, empty or too long is refused in one sentence', async () => {
	const {join, saved} = classSeat();
	const teacher = join('ann', 'teacher');
	const bad = [
		'',
		'nonsense',
		'freeze now',
		'follow',
		'follow a b c',
		`follow ${'p'.repeat(101)}`,
		'message',
		'enter x',
	];
	for (const words of [...bad, `message ${'m'.repeat(301)}`]) {
		await expect(teacher.say(words), words).rejects.toThrow(/^EINVAL: [^\n]*$/);
	}
	expect(saved).toEqual([]);
	await teacher.say(`message ${'m'.repeat(300)}`);
	await teacher.say(`follow ${'p'.repeat(100)}`);
});

test('a monitor is counted from its second question on, and while it asks', async () => {
	const {join, passes} = classSeat();
	const [student, teacher] = [join('alice', 'student'), join('ann', 'teacher')];
	const ask = () => student.sample({paths: [clockPath, `/sys/kernel/../kernel/debug/lab/class`]});
	const {files: answered} = await ask();
	expect(Object.keys(answered)).toEqual([clockPath, '/sys/kernel/../kernel/debug/lab/class']);
	expect((await teacher.record()).monitors).toBe(0);
	await ask();
	expect((await teacher.record()).monitors).toBe(1);
	passes(4999);
	expect((await teacher.record()).monitors).toBe(1);
	passes(1);
	expect((await teacher.record()).monitors).toBe(0);
});

test('a teacher who only looks on, as the wall does, is not counted; one who came in is', async () => {
	const {join} = classSeat();
	const [student, teacher] = [join('alice', 'student'), join('ann', 'teacher')];
	for (let asked = 0; asked < 2; asked++) await teacher.sample({paths: [clockPath]});
	expect((await student.record()).monitors).toBe(0);
	await teacher.say('enter');
	expect((await student.record()).monitors).toBe(1);
});

test('what is written bears the role, and the machine’s session knows nothing of its class', async () => {
	const {join} = classSeat();
	const [student, helper, teacher] = [join('alice', 'student'), join('bob', 'helper'), join('ann', 'teacher')];
	await student.write(files.load.path, 'calm');
	await helper.write(files.load.path, 'quiet');
	await teacher.say('message hello');
	await teacher.say('freeze');
	const {writes} = parseSession(await student.text(files.session.path));
	expect(writes.map(({by, text}) => `${by} ${text}`)).toEqual([
		'student:alice@mmtop-7 calm',
		'helper:bob@mmtop-7 quiet',
		'teacher:ann@mmtop-7 pause',
	]);
});
