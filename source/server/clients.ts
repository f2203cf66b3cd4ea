import type {Server} from 'node:http';
import type {Socket} from 'node:net';
import type {WallClock} from '../target/wallClock.ts';
import type {ServerLimits} from './limits.ts';

/** A client that is refused gets an answer, which takes an open file for a moment. More at once get none. */
export const refusedAtOnce = 8;

type Client = {
	/** Requests that were not answered yet. */
	busy: number;
	/** When it was answered last; undefined for one that never asked. */
	answeredMs: number | undefined;
};

/**
 * The connections of one socket. Each is an open file, of which a process has so many; so where there are too many, one
 * that does nothing makes room for one that comes: first those that never asked, then the one that has been silent for
 * longest. A client that waits for an answer, or had one a moment ago, keeps its connection.
 */
export class Clients {
	readonly #limits: Pick<ServerLimits, 'mostClients' | 'idleMs'>;
	readonly #wall: WallClock;
	/** Those that did nothing for longest come first. */
	readonly #clients = new Map<Socket, Client>();

	constructor(limits: Pick<ServerLimits, 'mostClients' | 'idleMs'>, wall: WallClock) {
		this.#limits = limits;
		this.#wall = wall;
	}

	/** Counts those of a server; one too many gets a sentence, and loses its connection. */
	follow(server: Server): void {
		const {mostClients} = this.#limits;
		server.maxConnections = mostClients + refusedAtOnce;
		server.on('connection', (socket: Socket) => {
			if (this.#clients.size >= mostClients) this.#idle()?.destroy();
			if (this.#clients.size >= mostClients) {
				const sentence = `EAGAIN: ${mostClients} clients are connected to this socket already; try again later\n`;
				socket.end(`HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 1\r\n\r\n${sentence}`);
				socket.destroySoon();
				return;
			}

			this.#clients.set(socket, {busy: 0, answeredMs: undefined});
			socket.once('close', () => this.#clients.delete(socket));
		});
	}

	/** A client asks. */
	asks(socket: Socket): void {
		const client = this.#clients.get(socket);
		if (client) client.busy++;
	}

	/** A client has its answer. */
	isAnswered(socket: Socket): void {
		const client = this.#clients.get(socket);
		if (!client) return;

		client.busy--;
		client.answeredMs = this.#wall.nowMs();
		this.#clients.delete(socket);
		this.#clients.set(socket, client);
	}

	/** The one that makes room, which is no longer counted. */
	#idle(): Socket | undefined {
		const oldest = this.#wall.nowMs() - this.#limits.idleMs;
		const idle = [...this.#clients].filter(([, {busy}]) => busy === 0);
		const [socket] =
			idle.find(([, {answeredMs}]) => answeredMs === undefined) ??
			idle.find(([, {answeredMs}]) => answeredMs !== undefined && answeredMs <= oldest) ??
			[];
		if (socket) this.#clients.delete(socket);
		return socket;
	}
}
