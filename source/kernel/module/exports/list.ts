/** All that modules may use of the kernel, in the order of its addresses. */
import type {Gate} from '../state.ts';
import {fileExports} from './files.ts';
import {lockingExports} from './locking.ts';
import {memoryExports} from './memory.ts';
import {miscExports} from './misc.ts';
import {mmExports} from './mm.ts';
import {printkExports} from './printk.ts';
import {spinlockExports} from './spinlock.ts';
import {stringExports} from './strings.ts';
import {uaccessExports} from './uaccess.ts';

export const EXPORTS: readonly Gate[] = [
	...printkExports,
	...memoryExports,
	...miscExports,
	...stringExports,
	...fileExports,
	...uaccessExports,
	...lockingExports,
	...mmExports,
	...spinlockExports,
];
