import {connect} from 'node:net';
import type {Target} from './target.ts';
import {openWire} from './wire.ts';

/**
 * A machine behind a Unix socket of this computer. When its server dies, calls reject with EDISCONNECTED at once, and
 * succeed again when a server is back at the same path.
 *
 * @param name as the status line shows it
 * @param by who writes, as the machine's log shows it
 * @param patienceMs how long the first answer may take; left out: as long as any
 * @throws TargetError EDISCONNECTED when nobody listens, EPROTO when it is not an mmtop server
 */
export function openSocket(socketPath: string, name: string, by: string, patienceMs?: number): Promise<Target> {
	return openWire({
		name,
		kind: 'socket',
		by,
		...(patienceMs !== undefined && {patienceMs}),
		connect: () => connect(socketPath),
		explain: reason => explainSocket(socketPath, reason),
	});
}

function explainSocket(socketPath: string, reason: string): string {
	if (reason.includes('ECONNREFUSED')) return `no server listens on ${socketPath}; start a machine with "mmtop serve"`;

	if (reason.includes('ENOENT')) return `there is no socket at ${socketPath}; start a machine with "mmtop serve"`;

	if (reason.includes('EACCES') || reason.includes('EPERM')) return `this user may not connect to ${socketPath}`;

	if (reason.startsWith('no answer')) return `the server of ${socketPath} is stopped or too busy (${reason})`;

	return `the server of ${socketPath} is gone (${reason})`;
}
