import type {Server} from 'node:http';
import {httpServer} from './server/http.ts';
import {clientShares, mostOpenFiles, type ServerLimits, usualLimits} from './server/limits.ts';
import {Results, withResults} from './server/results.ts';
import {findGroup, type Group, giveToGroup, listenOnFile} from './server/socketFile.ts';
import type {Target} from './target/target.ts';

/** HTTP/1.1 over Unix sockets, as docs/architecture.md describes the wire. */

type SocketsOptions = {
	/**
	 * A view of what is served, for one connection; closed with it.
	 *
	 * @param by what the client calls itself
	 * @param mayWrite whether it came through a socket that may write
	 * @param socketPath which it came through
	 */
	readonly client: (by: string, mayWrite: boolean, socketPath: string) => Target;
	/** Hears of each socket that is there. */
	readonly onSocket?: (path: string) => void;
	/** What clients may have; each socket has its own, so that who observes takes nothing from who controls. */
	readonly limits?: Partial<ServerLimits>;
	/** Open files of this process that the clients of these sockets may take; left out: all of them. */
	readonly openFiles?: number;
};

type ServeOptions = Omit<SocketsOptions, 'openFiles'> & {
	/** Socket that may write, for this user only. */
	readonly controlPath: string;
	/** Socket that only reads. */
	readonly observePath: string;
	/** Group that may use the reading socket; without one it is for this user only too. */
	readonly observeGroup?: string | Group;
	/** What was handed in; absent: none so far, and it is in memory only. */
	readonly results?: Results;
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
export async function serve({
	controlPath,
	observePath,
	observeGroup,
	client,
	results = new Results(),
	...options
}: ServeOptions): Promise<RunningServer> {
	const group = typeof observeGroup === 'string' ? await findGroup(observeGroup) : observeGroup;
	const server = await serveSockets({
		...options,
		client: (by, mayWrite, path) => withResults(client(by, mayWrite, path), results),
		sockets: [
			{path: controlPath, mayWrite: true},
			{path: observePath, mayWrite: false},
		],
	});
	try {
		if (group !== undefined) await giveToGroup(observePath, group);
	} catch (error) {
		await server.close();
		throw error;
	}
	return server;
}

/**
 * Serves a target on any number of sockets that only this user can use, until closed.
 *
 * @throws TargetError when a socket cannot be made (see listenOnFile); then none is there
 */
export async function serveSockets({
	sockets,
	client,
	onSocket = () => {},
	limits,
	openFiles = mostOpenFiles(),
}: SocketsOptions & {
	readonly sockets: readonly {readonly path: string; readonly mayWrite: boolean}[];
}): Promise<RunningServer> {
	const shares = clientShares(openFiles);
	const servers = sockets.map(({path, mayWrite}) => {
		const mostClients = mayWrite ? shares.control : shares.observe;
		const view = (by: string, may: boolean) => client(by, may, path);
		return {path, server: httpServer(view, mayWrite, {...usualLimits, mostClients, ...limits})};
	});
	const close = async (): Promise<void> => {
		await Promise.all(servers.map(({server}) => closeServer(server)));
	};

	try {
		for (const {path, server} of servers) {
			await listenOnFile(server, path);
			onSocket(path);
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
