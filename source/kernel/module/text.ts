/** Texts of C: bytes up to a zero. One without a zero goes on to where nothing is mapped; there the reader oopses. */
import {kernelAddress, PAGE_SIZE, pageOffset} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {kmemset, kread, kwrite} from '../mm/access.ts';
import {checkGateStore} from './containment.ts';

/** Bytes of the kernel as C sees them: of its structures too, which windows answer for. */
export function readKernel(k: Kernel, address: number, lengthBytes: number): Uint8Array {
	const window = lengthBytes > 0 ? k.modules?.windows.placeAt(address) : undefined;
	if (!window) return kread(k, kernelAddress(address), lengthBytes);
	return Uint8Array.from({length: lengthBytes}, (_, n) => window.read(address + n, 1));
}

/** As readKernel, a store. Where C has asked for it, it is looked at whose memory that is. */
export function writeKernel(k: Kernel, address: number, bytes: Uint8Array): void {
	if (k.modules) checkGateStore(k, address, bytes.length);
	const window = bytes.length > 0 ? k.modules?.windows.placeAt(address) : undefined;
	if (!window) kwrite(k, kernelAddress(address), bytes);
	else for (const [n, byte] of bytes.entries()) window.write(address + n, 1, byte);
}

/** Stores one value everywhere in memory, which is looked at as by writeKernel. */
export function fillKernel(k: Kernel, address: number, value: number, lengthBytes: number): void {
	if (k.modules) checkGateStore(k, address, lengthBytes);
	kmemset(k, kernelAddress(address), value, lengthBytes);
}

/** Bytes before the zero, at most so many. Sees no more of memory than it has to. */
export function bytesAt(k: Kernel, address: number, most = Number.POSITIVE_INFINITY): Uint8Array {
	const parts: Uint8Array[] = [];
	let length = 0;
	while (length < most) {
		const at = address + length;
		// In a structure of the kernel the next byte is another field's.
		const reach = k.modules?.windows.placeAt(at) ? 1 : PAGE_SIZE - pageOffset(at);
		const part = readKernel(k, at, Math.min(reach, most - length));
		const end = part.indexOf(0);
		parts.push(end < 0 ? part : part.subarray(0, end));
		length += parts.at(-1)!.length;
		if (end >= 0) break;
	}
	const all = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** The same as letters, one a byte. */
export function textAtAddress(k: Kernel, address: number, most?: number): string {
	let text = '';
	for (const byte of bytesAt(k, address, most)) text += String.fromCharCode(byte);
	return text;
}

/** Letters as bytes, and a zero behind them. */
export const zeroEnded = (text: string): Uint8Array => Uint8Array.from([...text, '\0'], letter => letter.charCodeAt(0));

/** Stores a text with its zero. */
export const putText = (k: Kernel, at: number, text: string): void => writeKernel(k, at, zeroEnded(text));
