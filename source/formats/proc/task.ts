/** /proc/<pid>/comm and /proc/<pid>/cmdline: fs/proc/base.c. comm came with 2.6.33; older kernels print the same. */

type Comm = {
	/** At most 15 bytes. */
	readonly comm: string;
};

export function formatComm({comm}: Comm): string {
	return `${comm}\n`;
}

export function parseComm(text: string): Comm {
	return {comm: text.endsWith('\n') ? text.slice(0, -1) : text};
}

type Cmdline = {
	/** Empty for a kernel thread. */
	readonly args: readonly string[];
};

/** Each argument is ended, not separated, by a zero byte. */
export function formatCmdline({args}: Cmdline): string {
	return args.map(argument => `${argument}\0`).join('');
}

export function parseCmdline(text: string): Cmdline {
	if (text === '') return {args: []};
	return {args: (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')};
}
