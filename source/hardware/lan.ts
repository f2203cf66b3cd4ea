/**
 * The other machines on the cable: they send frames to a network card at random times, in bursts as real traffic comes,
 * and listen to what it answers. Some frames ask for an echo.
 *
 * Not modelled: IP and ICMP headers beyond the protocol byte, checksums, resending of what got lost.
 */
import type {Chance} from './chance.ts';
import type {Hardware} from './machine.ts';
import {type Nic, STATION_ADDRESS, WIRE_NS_PER_BYTE} from './nic.ts';
import type {Event} from './timeline.ts';

export type LanTraffic = {
	/** Mean frames a second. */
	readonly framesPerSecond: number;
	/** Most frames that come back to back. */
	readonly burst: number;
};

/** A quiet segment of an office. */
export const LAB_TRAFFIC: LanTraffic = {framesPerSecond: 200, burst: 6};

const ETHERTYPE_IP = 0x0800;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const ETHERNET_ADDRESS_BYTES = 6;
const ETHERNET_HEADER_BYTES = 14;
/** Where the protocol byte of an IP header lies in a frame. */
const PROTOCOL_OFFSET = ETHERNET_HEADER_BYTES + 9;
/** Two bytes behind it number the frame; what follows is derived from the number. */
const NUMBER_OFFSET = PROTOCOL_OFFSET + 1;
const BODY_OFFSET = NUMBER_OFFSET + 2;

/** Address of the machine at the other end. */
const OTHER_ADDRESS: readonly number[] = [0x00, 0x02, 0xb3, 0x01, 0x02, 0x03];
/** Frame lengths without the check sum: a bare acknowledgement, a common datagram, a full one. */
const FRAME_BYTES = [60, 60, 590, 1514] as const;
/** Of so many frames, one asks for an echo. */
const ECHO_ONE_IN = 6;
/** From the start of a full frame to that of the next. */
const BACK_TO_BACK_NS = 1_538 * WIRE_NS_PER_BYTE;

const bodyByte = (number: number, offset: number) => (number + offset) & 0xff;

/** A frame whose bytes say which one it is, so that whoever gets it can tell a right one from a wrong one. */
function buildFrame(number: number, lengthBytes: number, protocol: number): Uint8Array {
	const frame = new Uint8Array(lengthBytes);
	frame.set(STATION_ADDRESS);
	frame.set(OTHER_ADDRESS, ETHERNET_ADDRESS_BYTES);
	frame.set([ETHERTYPE_IP >> 8, ETHERTYPE_IP & 0xff], 2 * ETHERNET_ADDRESS_BYTES);
	frame[PROTOCOL_OFFSET] = protocol;
	frame.set([number >> 8, number & 0xff], NUMBER_OFFSET);
	for (let i = BODY_OFFSET; i < lengthBytes; i++) frame[i] = bodyByte(number, i);
	return frame;
}

const startsWith = (bytes: Uint8Array, wanted: readonly number[]) => wanted.every((byte, i) => bytes[i] === byte);

export class Lan {
	/** Echoes that came back whole, and frames that came back otherwise. */
	readonly echoes = {right: 0, wrong: 0};
	private readonly machine: Hardware;
	private readonly chance: Chance;
	private readonly nic: Nic;
	private traffic: LanTraffic | undefined;
	private nextBurst: Event | undefined;
	private sent = 0;
	/** Lengths of the echo requests not answered yet, by number. */
	private readonly asked = new Map<number, number>();

	/** Plugs the cable in. @param chance decides when frames come, and which */
	constructor(machine: Hardware, chance: Chance, nic: Nic) {
		this.machine = machine;
		this.chance = chance;
		this.nic = nic;
		nic.onTransmit = frame => this.hear(frame);
	}

	get framesSent(): number {
		return this.sent;
	}

	/** Has this traffic in place of any other. */
	start(traffic: LanTraffic): void {
		if (this.traffic === traffic) return;
		this.stop();
		this.traffic = traffic;
		this.burstAfterPause(traffic);
	}

	stop(): void {
		if (this.nextBurst) this.machine.timeline.cancel(this.nextBurst);
		this.traffic = undefined;
	}

	private burstAfterPause(traffic: LanTraffic): void {
		const frames = this.chance.integer(1, traffic.burst);
		const meanNs = Math.round((1e9 / traffic.framesPerSecond) * frames);
		this.nextBurst = this.machine.timeline.after(this.chance.integer(1, 2 * meanNs), () => {
			for (let i = 0; i < frames; i++) this.machine.timeline.after(i * BACK_TO_BACK_NS, () => this.send());
			this.burstAfterPause(traffic);
		});
	}

	/** Sends one frame at once. @param lengthBytes at least 60, without the check sum */
	send(lengthBytes: number = this.chance.pick(FRAME_BYTES), wantsEcho = this.chance.oneIn(ECHO_ONE_IN)): void {
		const number = this.sent++ & 0xffff;
		if (wantsEcho) this.asked.set(number, lengthBytes);
		this.nic.receive(buildFrame(number, lengthBytes, wantsEcho ? PROTOCOL_ICMP : PROTOCOL_TCP));
	}

	private hear(frame: Uint8Array): void {
		const number = frame[NUMBER_OFFSET]! * 256 + frame[NUMBER_OFFSET + 1]!;
		const lengthBytes = this.asked.get(number);
		this.asked.delete(number);
		const whole =
			lengthBytes === frame.length &&
			startsWith(frame, [...OTHER_ADDRESS, ...STATION_ADDRESS]) &&
			frame.subarray(BODY_OFFSET).every((byte, i) => byte === bodyByte(number, BODY_OFFSET + i));
		if (whole) this.echoes.right++;
		else this.echoes.wrong++;
	}
}

/** Connects a card to a network with traffic on it. */
export function startTraffic(machine: Hardware, chance: Chance, nic: Nic, traffic: LanTraffic = LAB_TRAFFIC): Lan {
	const lan = new Lan(machine, chance, nic);
	lan.start(traffic);
	return lan;
}
