/** Models rows of the system-call table, those of users (arch/i386/kernel/entry.S, kernel/uid16.c, 2.6.11 on). */
import {userAddress} from '../hardware/address.ts';
import {type cred, high2lowuid, low2highuid, sys_setfsuid, sys_setresuid, sys_setreuid, sys_setuid} from './cred.ts';
import {EFAULT} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {bytesOf, copy_to_user} from './mm/uaccess.ts';
import {plain, row, type SystemCallRow} from './syscall_row.ts';
import type {Sleeps} from './time.ts';

/** @param to where the real, the effective and the saved id go. @param bytes of each. @returns 0 or -EFAULT */
function* sys_getresuid(k: Kernel, kind: keyof cred, to: readonly number[], bytes: 2 | 4): Sleeps<number> {
	const {real, effective, saved} = k.cpu.current.cred[kind];
	for (const [i, id] of [real, effective, saved].entries()) {
		const word = bytesOf(Uint32Array.of(bytes === 2 ? high2lowuid(id) : id)).subarray(0, bytes);
		if ((yield* copy_to_user(k, userAddress(to[i]!), word)) > 0) return -EFAULT;
	}
	return 0;
}

const asGiven = (id: number) => id;

const ids = (k: Kernel, kind: keyof cred) => k.cpu.current.cred[kind];

type Numbers = Readonly<Record<'get' | 'getEffective' | 'set' | 'setre' | 'setres' | 'getres' | 'setfs', number>>;

/** The calls for ids of one kind: those of 16 bits, or the later ones. */
function callsFor(kind: keyof cred, bytes: 2 | 4, numbers: Numbers): readonly SystemCallRow[] {
	const suffix = bytes === 2 ? '16' : '';
	const into = bytes === 2 ? low2highuid : asGiven;
	const out = bytes === 2 ? high2lowuid : asGiven;
	const [r, e, s] = [`r${kind}`, `e${kind}`, `s${kind}`];
	return [
		row(numbers.get, `get${kind}${suffix}`, '', k => plain(out(ids(k, kind).real))),
		row(numbers.getEffective, `gete${kind}${suffix}`, '', k => plain(out(ids(k, kind).effective))),
		row(numbers.set, `set${kind}${suffix}`, kind, (k, [id]) => plain(sys_setuid(k, kind, into(id!)))),
		row(numbers.setre, `setre${kind}${suffix}`, `${r} ${e}`, (k, [real, effective]) =>
			plain(sys_setreuid(k, kind, into(real!), into(effective!))),
		),
		row(numbers.setres, `setres${kind}${suffix}`, `${r} ${e} ${s}`, (k, [real, effective, saved]) =>
			plain(sys_setresuid(k, kind, into(real!), into(effective!), into(saved!))),
		),
		row(numbers.getres, `getres${kind}${suffix}`, `${r}p ${e}p ${s}p`, (k, to) => sys_getresuid(k, kind, to, bytes)),
		row(numbers.setfs, `setfs${kind}${suffix}`, kind, (k, [id]) => plain(out(sys_setfsuid(k, kind, into(id!))))),
	];
}

export const USER_CALLS: readonly SystemCallRow[] = [
	...callsFor('uid', 2, {get: 24, getEffective: 49, set: 23, setre: 70, setres: 164, getres: 165, setfs: 138}),
	...callsFor('gid', 2, {get: 47, getEffective: 50, set: 46, setre: 71, setres: 170, getres: 171, setfs: 139}),
	...callsFor('uid', 4, {get: 199, getEffective: 201, set: 213, setre: 203, setres: 208, getres: 209, setfs: 215}),
	...callsFor('gid', 4, {get: 200, getEffective: 202, set: 214, setre: 204, setres: 210, getres: 211, setfs: 216}),
];
