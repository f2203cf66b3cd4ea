/** linux/fs.h: drivers of character devices, and nodes that appear in /dev for them. */
import {mknod, register_chrdev, unregister_chrdev} from '../../fs/vfs.ts';
import type {Kernel} from '../../kernel.ts';
import {textAtAddress} from '../format.ts';
import {fileOperationsOf} from '../methods.ts';
import type {Gate} from '../state.ts';

/** Nodes that appear: /dev/NAME and /dev/NAME0 to this. */
const NODES = 8;

const nodesOf = (name: string) => [`/dev/${name}`, ...Array.from({length: NODES}, (_, i) => `/dev/${name}${i}`)];

function makeNodes(k: Kernel, major: number, name: string): void {
	for (const [i, path] of nodesOf(name).entries()) mknod(k, path, 'chrdev', {major, minor: Math.max(0, i - 1)});
}

function removeNodes(k: Kernel, major: number, name: string): void {
	for (const path of nodesOf(name)) if (k.vfs.nodes.get(path)?.i_rdev?.major === major) k.vfs.nodes.delete(path);
}

export const fileExports: readonly Gate[] = [
	{
		name: 'register_chrdev',
		run({k, arg}) {
			const name = textAtAddress(k, arg(1));
			const result = register_chrdev(k, arg(0) | 0, name, fileOperationsOf(k, arg(2)));
			if (result >= 0) makeNodes(k, arg(0) || result, name);
			return result;
		},
	},
	{
		name: 'unregister_chrdev',
		run({k, arg}) {
			removeNodes(k, arg(0), textAtAddress(k, arg(1)));
			unregister_chrdev(k, arg(0));
			return 0;
		},
	},
];
