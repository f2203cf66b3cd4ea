import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {parseInsmod} from '../formats/debugfs/lab/insmod.ts';
import {files} from '../formats/files.ts';
import {parseKmsg} from '../formats/proc/kmsg.ts';
import {errnoName} from '../kernel/errno.ts';
import type {Target} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {readText} from './injection.ts';
import {chosenTarget, onChosen, withTarget} from './machine.ts';
import {bytesOfFile, upload} from './upload.ts';

/** Between two looks. */
const lookEveryMs = 20;

/** `mmtop insmod -t TARGET FILE.ko [PARAMETER=VALUE…]`: loads a module, as insmod does. */
export const insmod: CommandFunction = async context => {
	const [path, ...parameters] = context.args;
	if (path === undefined) throw new UsageError('insmod needs a module, as mmtop insmod -t lab0 mydrv.ko');

	const bytes = await bytesOfFile(path);
	return onMachine(context, 'insmod', async target => {
		const number = await upload(target, files.insmod.path, path, bytes);
		return target.write(files.insmod.path, `insert ${number} ${parameters.join(' ')}`);
	});
};

/** `mmtop rmmod -t TARGET NAME` */
export const rmmod: CommandFunction = async context => {
	const [name, ...more] = context.args;
	if (name === undefined || more.length > 0) throw new UsageError('rmmod needs the name of one module');

	return onMachine(context, 'rmmod', target => target.write(files.rmmod.path, name.replace(/\.k?o$/, '')));
};

/** `mmtop lsmod -t TARGET` */
export const lsmod: CommandFunction = async context => {
	needsTarget(context, 'lsmod');
	return onChosen(context, async target => {
		await print(context.stdout, await readText(target, files.modules.path));
		return 0;
	});
};

function needsTarget({flags}: CommandContext, command: string): void {
	if (flags.target === undefined) {
		throw new UsageError(`${command} needs --target: a fresh machine would be gone with its modules at once`);
	}
}

/** What an error of these calls means, in the words of Linux's own commands (kmod's insmod and rmmod). */
const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	insmod: {
		EEXIST: 'a module of that name is loaded',
		EINVAL: 'invalid parameters',
		ENOENT: 'unknown symbol in module, or unknown parameter',
		ENOEXEC: 'invalid module format',
		ENOMEM: 'no memory',
	},
	rmmod: {
		EAGAIN: 'module is in use',
		EBUSY: 'module is not ready, or has no exit function',
		ENOENT: 'module is not loaded',
	},
};

function refusal(command: string, module: string, error: string): string {
	const reason = reasons[command]?.[error];
	return `${command} ${module}: ${error}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Asks for something, and waits until it has been done. @throws Failure with Linux's reason, and what it logged */
async function onMachine(
	context: CommandContext,
	command: string,
	ask: (target: Target) => Promise<string>,
): Promise<number> {
	needsTarget(context, command);
	return withTarget(chosenTarget(context), async target => {
		const linesBefore = parseKmsg(await readText(target, files.kmsg.path)).lines.length;
		const id = Number(await ask(target));
		for (;;) {
			const request = parseInsmod(await readText(target, files.insmod.path)).requests.find(each => each.id === id);
			if (request === undefined) throw new Failure([`${target.name} has gone back to before that`]);

			if (request.status === 'done') {
				if (request.errno === 0) return 0;

				const {lines} = parseKmsg(await readText(target, files.kmsg.path));
				const said = lines
					.slice(linesBefore)
					.map(({text}) => text)
					.filter(text => text.includes(request.module));
				throw new Failure([refusal(command, request.module, errnoName(-request.errno)), ...said.slice(0, 10)]);
			}

			const {state, stopped} = parseClock(await readText(target, files.clock.path));
			if (stopped !== undefined) throw new Failure([stopped]);

			if (state === 'paused') throw new Failure([`${command} waits, for the clock of ${target.name} is paused`]);

			await new Promise(resolve => setTimeout(resolve, lookEveryMs));
		}
	});
}
