/** Commands about mmtop itself. */
import type {Commands} from '../context.ts';

export const itself: Commands['named'] = {
	licences: {
		usage: 'mmtop licences',
		summary: 'print the licences of mmtop and of the packages inside it',
		flags: [],
		load: async () => (await import('../licences.ts')).licences,
	},
	help: {
		usage: 'mmtop help [COMMAND]',
		summary: 'say what a command does, which flags it takes, and give examples',
		examples: [['mmtop help run', 'the same as mmtop run --help']],
		flags: [],
		load: async () => (await import('../help.ts')).help,
	},
	completion: {
		usage: 'mmtop completion bash|zsh|fish',
		summary: 'print what makes a shell complete commands, flags, machines, experiments and files of a machine',
		examples: [
			['source <(mmtop completion bash)', 'in ~/.bashrc'],
			['source <(mmtop completion zsh)', 'in ~/.zshrc, behind compinit'],
			['mmtop completion fish > ~/.config/fish/completions/mmtop.fish', 'once'],
		],
		flags: [],
		load: async () => (await import('../completion.ts')).completion,
	},
	complete: {
		usage: 'mmtop complete [WORD…]',
		summary: undefined,
		flags: [],
		load: async () => (await import('../completion.ts')).complete,
	},
	'man-pages': {
		usage: 'mmtop man-pages DIR',
		summary: undefined,
		flags: [],
		load: async () => (await import('../manPages.ts')).writeManPages,
	},
};
