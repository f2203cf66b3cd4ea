// Archives whose bytes follow from their files alone: no time, no owner, names in order.
import {gzipSync} from 'node:zlib';

const blockBytes = 512;

const octal = (value, digits) => `${value.toString(8).padStart(digits - 1, '0')}\0`;

/** A path of more than 100 bytes goes into two fields, parted at a slash. */
function split(path) {
	if (Buffer.byteLength(path) <= 100) return ['', path];
	for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
		const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
		if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
	}
	throw new Error(`${path} is too long for a tar archive`);
}

function header(path, {mode, sizeBytes, type, link = ''}, timeS) {
	const block = Buffer.alloc(blockBytes);
	const [prefix, name] = split(path);
	block.write(name, 0);
	block.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(sizeBytes, 12) + octal(timeS, 12), 100);
	block.write('        ', 148);
	block.write(type, 156);
	block.write(link, 157);
	block.write('ustar\x0000root', 257);
	block.write('root', 297);
	block.write(prefix, 345);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${octal(sum, 7)} `, 148);
	return block;
}

/**
 * A tar archive, compressed.
 *
 * @param files by path: `{bytes, mode}`, or `{link}` for a symbolic one
 * @param directories whether those above the files are in it too, as Debian's tools expect
 * @param timeS of all of them, in seconds
 */
export function tarball(files, {directories = false, timeS = 0} = {}) {
	const parts = [];
	const seen = new Set();
	for (const path of [...files.keys()].sort()) {
		for (let at = path.indexOf('/'); directories && at >= 0; at = path.indexOf('/', at + 1)) {
			const directory = path.slice(0, at + 1);
			if (seen.has(directory)) continue;
			seen.add(directory);
			parts.push(header(directory, {mode: 0o755, sizeBytes: 0, type: '5'}, timeS));
		}
		const {bytes = Buffer.alloc(0), mode = 0o644, link} = files.get(path);
		const type = link === undefined ? '0' : '2';
		parts.push(header(path, {mode: link === undefined ? mode : 0o777, sizeBytes: bytes.length, type, link}, timeS));
		parts.push(bytes, Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes));
	}
	return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]), {level: 9});
}

/** An archive of ar, as a Debian package is one. */
export function arArchive(members, timeS = 0) {
	const parts = [Buffer.from('!<arch>\n')];
	for (const [name, bytes] of members) {
		const fields = [
			name.padEnd(16),
			String(timeS).padEnd(12),
			'0     ',
			'0     ',
			'100644  ',
			String(bytes.length).padEnd(10),
		];
		parts.push(Buffer.from(`${fields.join('')}\`\n`), bytes, Buffer.from(bytes.length % 2 === 1 ? '\n' : ''));
	}
	return Buffer.concat(parts);
}
