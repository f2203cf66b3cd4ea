import {createServer, type Server, type ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {oneLine} from '../target/sentence.ts';
import type {Target} from '../target/target.ts';
import {systemClock, type WallClock} from '../target/wallClock.ts';
import {textType} from '../target/wire.ts';
import {announcesTooMuch} from './body.ts';
import {Clients} from './clients.ts';
import {handle} from './handler.ts';
import type {ServerLimits} from './limits.ts';
import {Session, SocketShare} from './session.ts';

/**
 * What answers on one of the sockets.
 *
 * @param client a view of the machine for one connection, closed with it
 */
export function httpServer(
	client: (by: string, mayWrite: boolean) => Target,
	mayWrite: boolean,
	limits: ServerLimits,
	wall: WallClock = systemClock,
): Server {
	const clients = new Clients(limits, wall);
	const share = new SocketShare(mayWrite, limits);
	const sessions = new WeakMap<Socket, Session>();
	const sessionOf = (socket: Socket, by: string): Session => {
		let session = sessions.get(socket);
		if (session === undefined) {
			const created = new Session(client(clientName(by), mayWrite), share);
			session = created;
			sessions.set(socket, created);
			socket.once('close', () => created.close());
		}

		return session;
	};

	// Clients hold their connection while nobody presses a key; nothing is gained by cutting it.
	const server = createServer({keepAliveTimeout: 0, maxHeaderSize: 32 * 1024}, (request, response) => {
		const {socket} = request;
		const session = sessionOf(socket, request.headers['user-agent'] ?? '');
		if (session.isRefused) return;

		clients.asks(socket);
		response.once('close', () => clients.isAnswered(socket));
		if (!session.inOrder(() => handle(session, request, response))) {
			session.isRefused = true;
			refuseMore(response, limits.mostAhead);
			socket.pause();
		}
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
			socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nEINVAL: this is not an HTTP request\n');
		}
	});
	clients.follow(server);
	return server;
}

/** The last answer of a connection. It comes after the answers to what was asked before. */
function refuseMore(response: ServerResponse, most: number): void {
	const sentence = `EAGAIN: at most ${most} requests may be sent ahead of their answers\n`;
	response.writeHead(429, {
		'content-type': textType,
		'content-length': Buffer.byteLength(sentence),
		connection: 'close',
		'retry-after': '1',
	});
	response.end(sentence);
}

/** One word, for it becomes a column of a file. */
function clientName(userAgent: string): string {
	return oneLine(userAgent).replace(/\s+/g, '_').slice(0, 40) || 'unnamed';
}
