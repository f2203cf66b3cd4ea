import type {Server} from 'node:http';
import {httpServer} from './server/http.ts';
import {clientShares, mostOpenFiles, type ServerLimits, usualLimits} from './server/limits.ts';
import {Results, withResults} from './server/results.ts';
import {findGroup, type Group, giveToGroup, listenOnFile} from './server/socketFile.ts';
import type {Target} from './target/target.ts';

/** HTTP/1.1 over Unix sockets, as docs/architecture.md describes the wire. */

type ServeOptions = {
	/**
	 * A view of what is served, for one connection; closed with it.
	 *
	 * @param by what the client calls itself
	 * @param mayWrite whether it came through a socket that may write
	 * @param socketPath which it came through
	 */
	readonly client: (by: string, mayWrite: boolean, socketPath: string) => Target;
	/** Further sockets that may write, or only read, for this user only. */
	readonly more?: readonly {readonly path: string; readonly mayWrite: boolean}[];
	/** Socket that may write, for this user only. */
	readonly controlPath: string;
	/** Socket that only reads. */
	readonly observePath: string;
	/** Group that may use the reading socket; without one it is for this user only too. */
	readonly observeGroup?: string | Group;
	/** Hears of each socket that is there. */
	readonly onSocket?: (path: string) => void;
	/** What was handed in; absent: none so far, and it is in memory only. */
	readonly results?: Results;
	/** What clients may have; each socket has its own, so that who observes takes nothing from who controls. */
	readonly limits?: Partial<ServerLimits>;
};

export type RunningServer = {
	/** Closes every connection and removes the sockets. */
	close(): Promise<void>;
};

/**
 * Serves a target until closed.
 *
 * @throws TargetError when a socket cannot be made (see listenOnFile), or the group is unknown
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
	const {observeGroup, onSocket = () => {}} = options;
	const group = typeof observeGroup === 'string' ? await findGroup(observeGroup) : observeGroup;
	const results = options.results ?? new Results();
	const shares = clientShares(mostOpenFiles());
	const limitsOf = (mostClients: number) => ({...usualLimits, mostClients, ...options.limits});
	const servers = [
		{path: options.controlPath, mayWrite: true},
		{path: options.observePath, mayWrite: false},
		...(options.more ?? []),
	].map(({path, mayWrite}) => {
		const client = (by: string, may: boolean) => withResults(options.client(by, may, path), results);
		const limits = limitsOf(mayWrite ? shares.control : shares.observe);
		return {path, server: httpServer(client, mayWrite, limits)};
	});
	const close = async (): Promise<void> => {
		await Promise.all(servers.map(({server}) => closeServer(server)));
	};

	try {
		for (const {path, server} of servers) {
			await listenOnFile(server, path);
			onSocket(path);
		}
		if (group !== undefined) {
			await giveToGroup(options.observePath, group);
		}
	} catch (error) {
		await close();
		throw error;
	}

	return {close};
}

function closeServer(server: Server): Promise<void> {
	return new Promise(resolve => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}
