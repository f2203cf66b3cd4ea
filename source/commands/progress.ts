import {type CommandContext, printRaw} from './context.ts';

/** A line on a terminal that says how far it is, and is taken away again; nothing where stderr is not a terminal. */
export function progressOn({stderr}: Pick<CommandContext, 'stderr'>) {
	const isShown = stderr.isTTY === true;
	const write = (text: string) => (isShown ? printRaw(stderr, text) : Promise.resolve());
	return {
		say: (text: string) => write(`\r\x1b[K${text} …`),
		end: () => write('\r\x1b[K'),
	};
}
