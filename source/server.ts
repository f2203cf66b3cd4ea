import {createServer, type Server} from 'node:http';
import type {Socket} from 'node:net';
import {announcesTooMuch} from './server/body.ts';
import {handle} from './server/handler.ts';
import {Session} from './server/session.ts';
import {giveToGroup, groupIdOf, listenOnFile} from './server/socketFile.ts';
import {oneLine} from './target/sentence.ts';
import type {Target} from './target/target.ts';

/** HTTP/1.1 over Unix sockets, as docs/architecture.md describes the wire. */

export type ServeOptions = {
	/** A view of what is served, for one connection; closed with it. `by` is what the client calls itself. */
	readonly client: (by: string) => Target;
	/** Socket that may write, for this user only. */
	readonly controlPath: string;
	/** Socket that only reads. */
	readonly observePath: string;
	/** Group that may use the reading socket; without one it is for this user only too. */
	readonly observeGroup?: string;
};

export type RunningServer = {
	/** Closes every connection and removes both sockets. */
	close(): Promise<void>;
};

/**
 * Serves a target until closed.
 *
 * @throws TargetError when a socket cannot be made (see listenOnFile), or the group is unknown
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
	const groupId = options.observeGroup === undefined ? undefined : await groupIdOf(options.observeGroup);
	const control = httpServer(options.client, true);
	const observe = httpServer(options.client, false);
	const close = async (): Promise<void> => {
		await Promise.all([closeServer(control), closeServer(observe)]);
	};

	try {
		await listenOnFile(control, options.controlPath);
		await listenOnFile(observe, options.observePath);
		if (groupId !== undefined) {
			await giveToGroup(options.observePath, groupId, options.observeGroup ?? '');
		}
	} catch (error) {
		await close();
		throw error;
	}

	return {close};
}

function httpServer(client: ServeOptions['client'], mayWrite: boolean): Server {
	const sessions = new WeakMap<Socket, Session>();
	const sessionOf = (socket: Socket, by: string): Session => {
		let session = sessions.get(socket);
		if (session === undefined) {
			const target = client(clientName(by));
			session = new Session(target, mayWrite);
			sessions.set(socket, session);
			socket.once('close', () => void target.close());
		}

		return session;
	};

	// Clients hold their connection while nobody presses a key; nothing is gained by cutting it.
	const server = createServer({keepAliveTimeout: 0, maxHeaderSize: 32 * 1024}, (request, response) => {
		const session = sessionOf(request.socket, request.headers['user-agent'] ?? '');
		void handle(session, request, response);
	});
	server.on('checkContinue', (request, response) => {
		// curl asks before it sends much: say no before rather than after.
		if (!announcesTooMuch(request)) {
			response.writeContinue();
		}

		server.emit('request', request, response);
	});
	server.on('clientError', (_error, socket) => {
		if (socket.writable) {
			socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nEINVAL: this is no HTTP request\n');
		}
	});
	return server;
}

/** One word, for it becomes a column of a file. */
function clientName(userAgent: string): string {
	return oneLine(userAgent).replace(/\s+/g, '_').slice(0, 40) || 'unnamed';
}

function closeServer(server: Server): Promise<void> {
	return new Promise(resolve => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}
