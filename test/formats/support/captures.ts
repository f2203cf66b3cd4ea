/** Captures of real kernels, by the path that the file had there. */
import {readdirSync, readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';

const root = new URL('../../../fixtures/captures/', import.meta.url);

export function capture(kernel: string, path: string): string {
	return readFileSync(new URL(`${kernel}${path}`, root), 'utf8');
}

export function binaryCapture(kernel: string, path: string): Uint8Array {
	return new Uint8Array(gunzipSync(readFileSync(new URL(`${kernel}${path}.gz`, root))));
}

/** Every captured text file as [kernel, path in its tree]; the traces, which carry no path, are left out. */
export function capturedFiles(): (readonly [kernel: string, path: string])[] {
	return readdirSync(root, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile() && !/\.(?:gz|md|txt)$/.test(entry.name))
		.map(entry => `${entry.parentPath}/${entry.name}`.slice(root.pathname.length))
		.map(path => [path.slice(0, path.indexOf('/')), path.slice(path.indexOf('/'))] as const)
		.sort(([a, b], [c, d]) => (a + b < c + d ? -1 : 1));
}

/** A recorded trace without the `##` lines that its recorder put in front. */
export function recordedTrace(name: string): string {
	return capture('6.1-i386-traces', `/${name}.txt`).replace(/^## .*\n/gm, '');
}
