/** The struct file that C names. */
import type {file} from '../../fs/file.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {modulesOf} from '../state.ts';
import {fileWindow} from '../structureWindows.ts';

/** What is none makes Linux follow a pointer into nowhere. */
export const fileAt = (k: Kernel, address: number): file =>
	modulesOf(k).windows.objectAt(fileWindow, address) ?? oops(k, address, false, false);
