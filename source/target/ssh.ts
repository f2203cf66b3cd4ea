import {shown} from './path.ts';
import {RefusedStream, RelayStream} from './relayStream.ts';
import {isMachineName} from './runtimeDirectory.ts';
import {type Target, TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';
import {openWire} from './wire.ts';

/** Time for ssh to ask, and a person to type. */
const passwordMs = 120_000;
/** A host that is away is not knocked at for every frame that a monitor would like to draw. */
const retryEveryMs = 2000;

type SshAddress = {
	/** As ssh takes it: `host` or `user@host`. */
	readonly host: string;
	readonly port: number | undefined;
	/** The machine there; without one, the only one running. */
	readonly name: string | undefined;
};

/** A user has at most 32 characters, a host 255 (RFC 1123), a machine 64. */
const longestAddress = 400;

/** A user, or a host by its name. It does not begin with "-": ssh would take that for an option. */
const word = '[A-Za-z0-9_][A-Za-z0-9._-]*';
/** A host by its address of IPv6. */
const bracketed = String.raw`\[[0-9a-fA-F:.]+\]`;
/** Its range is looked at behind this. */
const portPart = String.raw`:(\d{1,5})`;
/** As isMachineName() takes it; more is matched here so that one sentence refuses all. */
const namePart = '/([^/]*)';
/** ssh://[user@]host[:port][/name], in groups: user and host, port, name. */
const addressPattern = new RegExp(`^ssh://((?:${word}@)?(?:${word}|${bracketed}))(?:${portPart})?(?:${namePart})?$`);

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

/** @throws TargetError EINVAL: ssh would take a host that begins with "-" for an option */
export function parseSshAddress(text: string): SshAddress {
	const match = text.length > longestAddress ? null : addressPattern.exec(text);
	const [, host, port, name] = match ?? [];
	if (host === undefined || (name && !isMachineName(name)) || (port !== undefined && !isPort(Number(port)))) {
		throw new TargetError(
			'EINVAL',
			`${shown(text)} is not an ssh target; it is written ssh://[user@]host[:port][/name]`,
		);
	}

	return {
		host: host.replace(/[[\]]/g, ''),
		port: port === undefined ? undefined : Number(port),
		name: name || undefined,
	};
}

/**
 * A machine on another computer: `ssh` runs `mmtop relay NAME` there, and the wire goes through its stdin and stdout.
 * ssh may ask for a password while the connection is opened, and must not when it comes back later: then a monitor has
 * the terminal.
 *
 * @param text ssh://[user@]host[:port][/name]
 * @param by who writes, as the machine's log shows it
 * @throws TargetError EDISCONNECTED with what ssh said
 */
export async function openSsh(
	text: string,
	by: string,
	env: NodeJS.ProcessEnv,
	wall: WallClock = systemClock,
): Promise<Target> {
	const address = parseSshAddress(text);
	let startedMs = 0;
	let relay: RelayStream | undefined;
	return openWire({
		name: text,
		kind: 'ssh',
		by,
		connect() {
			const isFirst = relay === undefined;
			if (!isFirst && wall.nowMs() - startedMs < retryEveryMs) {
				return new RefusedStream('ssh is tried again in a moment');
			}

			startedMs = wall.nowMs();
			relay = new RelayStream(sshArguments(address, isFirst), env);
			return relay;
		},
		explain: reason => `${text} cannot be reached: ${relay?.lastWords() || reason}`,
		patienceMs: passwordMs,
		close: () => relay?.destroy(),
	});
}

function sshArguments({host, port, name}: SshAddress, mayAsk: boolean): readonly string[] {
	return [
		'-T',
		...(mayAsk ? [] : ['-o', 'BatchMode=yes']),
		...['-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=2', '-o', 'ServerAliveCountMax=2'],
		...(port === undefined ? [] : ['-p', String(port)]),
		'--',
		host,
		...['mmtop', 'relay', ...(name === undefined ? [] : [name])],
	];
}
