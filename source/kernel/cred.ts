/**
 * Models the users of kernel/sys.c (2.6.11 and later; kernel/cred.c): who a task is, and what only root may do.
 *
 * Not modelled: capabilities apart from root (a task with the effective user id 0 has all of them), supplementary
 * groups, owners and modes of files, programs that are set-user-ID, RLIMIT_NPROC, user namespaces.
 */
import {EINVAL, EPERM} from './errno.ts';
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';

/** The real, the effective and the saved id, and the one for files. */
type Ids = {readonly real: number; readonly effective: number; readonly saved: number; readonly fs: number};

export type cred = {readonly uid: Ids; readonly gid: Ids};

const allZero: Ids = {real: 0, effective: 0, saved: 0, fs: 0};
/** Root's, which the first task has. */
export const init_cred: cred = {uid: allZero, gid: allZero};

type Capability = 'CAP_KILL' | 'CAP_SYS_ADMIN' | 'CAP_SETUID' | 'CAP_SETGID' | 'CAP_IPC_LOCK' | 'CAP_SYS_RESOURCE';

/** Whether the current task may do what the capability is for. @param _capability by its name, or C's number */
export const capable = (k: Kernel, _capability: Capability | number): boolean => k.cpu.current.cred.uid.effective === 0;

/** -1 leaves an id as it is. */
const UNCHANGED = 0xffff_ffff;
const orOld = (wanted: number, old: number) => (wanted === UNCHANGED ? old : wanted);

type Kind = keyof cred;

const capabilityOf = (kind: Kind): Capability => (kind === 'uid' ? 'CAP_SETUID' : 'CAP_SETGID');

function commit(k: Kernel, kind: Kind, ids: Ids): number {
	k.cpu.current.cred = {...k.cpu.current.cred, [kind]: ids};
	return 0;
}

/** setuid and setgid: root sets all ids, others the effective one. @returns 0, -EPERM, -EINVAL for -1 (3.5 on) */
export function sys_setuid(k: Kernel, kind: Kind, id: number): number {
	const old = k.cpu.current.cred[kind];
	if (id === UNCHANGED && k.era.setuidRefusesMinusOne) return -EINVAL;
	if (capable(k, capabilityOf(kind))) return commit(k, kind, {real: id, effective: id, saved: id, fs: id});
	if (id !== old.real && id !== old.saved) return -EPERM;
	return commit(k, kind, {...old, effective: id, fs: id});
}

/** setreuid and setregid. @returns 0 or -EPERM */
export function sys_setreuid(k: Kernel, kind: Kind, real: number, effective: number): number {
	const old = k.cpu.current.cred[kind];
	const isRoot = capable(k, capabilityOf(kind));
	const mayReal = [UNCHANGED, old.real, old.effective].includes(real);
	const mayEffective = [UNCHANGED, old.real, old.effective, old.saved].includes(effective);
	if (!isRoot && !(mayReal && mayEffective)) return -EPERM;
	const now = orOld(effective, old.effective);
	const saves = real !== UNCHANGED || (effective !== UNCHANGED && effective !== old.real);
	return commit(k, kind, {real: orOld(real, old.real), effective: now, saved: saves ? now : old.saved, fs: now});
}

/** setresuid and setresgid. @returns 0 or -EPERM */
export function sys_setresuid(k: Kernel, kind: Kind, real: number, effective: number, saved: number): number {
	const old = k.cpu.current.cred[kind];
	const known = [UNCHANGED, old.real, old.effective, old.saved];
	if (!capable(k, capabilityOf(kind)) && ![real, effective, saved].every(id => known.includes(id))) return -EPERM;
	const now = orOld(effective, old.effective);
	return commit(k, kind, {real: orOld(real, old.real), effective: now, saved: orOld(saved, old.saved), fs: now});
}

/** setfsuid and setfsgid; -1 changes nothing (3.5 on). @returns the id before, whether or not it is another now */
export function sys_setfsuid(k: Kernel, kind: Kind, id: number): number {
	const old = k.cpu.current.cred[kind];
	if (id === UNCHANGED && k.era.setuidRefusesMinusOne) return old.fs;
	if (Object.values(old).includes(id) || capable(k, capabilityOf(kind))) commit(k, kind, {...old, fs: id});
	return old.fs;
}

/** What the calls of 16 bits answer for an id that does not fit. */
const overflowuid = 65_534;
export const high2lowuid = (id: number): number => (id > 0xffff ? overflowuid : id);
/** What they mean by -1. */
export const low2highuid = (id: number): number => ((id & 0xffff) === 0xffff ? UNCHANGED : id & 0xffff);

/** Ids of a task that begins another program. @see compute_creds() */
export function install_exec_creds(task: task_struct): void {
	const began = (ids: Ids): Ids => ({...ids, saved: ids.effective, fs: ids.effective});
	task.cred = {uid: began(task.cred.uid), gid: began(task.cred.gid)};
}

/** Whether the current task may send a signal to another. @see check_kill_permission() */
export function kill_ok(k: Kernel, {cred}: task_struct): boolean {
	const {real, effective} = k.cpu.current.cred.uid;
	const theirs = [cred.uid.saved, cred.uid.real];
	return theirs.includes(effective) || theirs.includes(real) || capable(k, 'CAP_KILL');
}
