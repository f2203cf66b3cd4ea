/**
 * Models the limits of kernel/sys.c (2.6.11 and later): what asks for them and sets them.
 *
 * Not modelled: what cpu, core, rss, nproc, locks and those from sigpending on are for: they are kept only.
 */
import {userAddress} from '../hardware/address.ts';
import {capable} from './cred.ts';
import {EFAULT, EINVAL, EPERM, ESRCH} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_words_from_user, copy_words_to_user} from './mm/uaccess.ts';
import {limitsOf, RLIM_INFINITY, RLIMITS, type Rlimits} from './resource.ts';
import type {task_struct} from './sched.ts';
import type {Sleeps} from './time.ts';

/** No process may have more descriptors. */
const NR_OPEN = 1_048_576;
/** What the old call says instead of RLIM_INFINITY. */
const OLD_INFINITY = 0x7fff_ffff;

function* putLimits(k: Kernel, to: number, soft: number, hard: number): Sleeps<number> {
	return (yield* copy_words_to_user(k, userAddress(to), Uint32Array.of(soft, hard))) ? 0 : -EFAULT;
}

/** @param isOld the call of before 2.4: no limit is above 2 GiB. @returns 0, -EINVAL, -EFAULT */
export function* sys_getrlimit(k: Kernel, resource: number, rlim: number, isOld = false): Sleeps<number> {
	const name = RLIMITS[resource];
	if (!name || resource >= k.era.RLIM_NLIMITS) return -EINVAL;
	const {rlimits, rlim_max} = limitsOf(k.cpu.current);
	const most = isOld ? OLD_INFINITY : RLIM_INFINITY;
	return yield* putLimits(k, rlim, Math.min(rlimits[name], most), Math.min(rlim_max[name], most));
}

function setLimits(k: Kernel, task: task_struct, name: keyof Rlimits, soft: number, hard: number): number {
	if (soft > hard) return -EINVAL;
	if (name === 'nofile' && hard > NR_OPEN) return -EPERM;
	const {rlimits, rlim_max} = limitsOf(task);
	if (hard > rlim_max[name] && !capable(k, 'CAP_SYS_RESOURCE')) return -EPERM;
	rlimits[name] = soft;
	rlim_max[name] = hard;
	return 0;
}

/** @returns 0, -EINVAL, -EFAULT, -EPERM above NR_OPEN, and above the hard limit for all but root */
export function* sys_setrlimit(k: Kernel, resource: number, rlim: number): Sleeps<number> {
	const name = RLIMITS[resource];
	if (!name || resource >= k.era.RLIM_NLIMITS) return -EINVAL;
	const words = new Uint32Array(2);
	if (!(yield* copy_words_from_user(k, words, userAddress(rlim)))) return -EFAULT;
	return setLimits(k, k.cpu.current, name, words[0]!, words[1]!);
}

/** Of one's own process, or of one with the same ids. */
function check_prlimit_permission(k: Kernel, {cred, tgid}: task_struct): boolean {
	const {current} = k.cpu;
	const {uid, gid} = current.cred;
	const isAll = ({real, effective, saved}: typeof uid, id: number) => [real, effective, saved].every(one => one === id);
	const isSame = isAll(cred.uid, uid.real) && isAll(cred.gid, gid.real);
	return tgid === current.tgid || isSame || capable(k, 'CAP_SYS_RESOURCE');
}

/** 64 bits, of which all ones is no limit. */
const wide = (value: number) => (value === RLIM_INFINITY ? [RLIM_INFINITY, RLIM_INFINITY] : [value, 0]);
const narrow = (low: number, high: number) => (high === 0 ? low : RLIM_INFINITY);

/** Both at once, of any process, in 64 bits (2.6.36 on). @param pid 0 for the caller */
export function* sys_prlimit64(
	k: Kernel,
	pid: number,
	resource: number,
	given: number,
	former: number,
): Sleeps<number> {
	const name = RLIMITS[resource];
	const words = new Uint32Array(4);
	if (given !== 0 && !(yield* copy_words_from_user(k, words, userAddress(given)))) return -EFAULT;
	const task = pid === 0 ? k.cpu.current : k.sched.tasks.get(pid);
	if (!task) return -ESRCH;
	if (!check_prlimit_permission(k, task)) return -EPERM;
	if (!name || resource >= k.era.RLIM_NLIMITS) return -EINVAL;
	const {rlimits, rlim_max} = limitsOf(task);
	const was = Uint32Array.from([...wide(rlimits[name]), ...wide(rlim_max[name])]);
	if (given !== 0) {
		const error = setLimits(k, task, name, narrow(words[0]!, words[1]!), narrow(words[2]!, words[3]!));
		if (error < 0) return error;
	}
	return former === 0 || (yield* copy_words_to_user(k, userAddress(former), was)) ? 0 : -EFAULT;
}
