/** /proc/version: linux_banner of init/version.c, the same text from 2.6.11 to 6.18. */

import {Lines} from '../text.ts';

type Version = {
	/** `2.6.11`, `6.1.0-50-686-pae`. */
	readonly release: string;
	/** `user@host` that built it. */
	readonly builder: string;
	readonly compiler: string;
	/** `#1 SMP Wed Mar 2 07:38:09 UTC 2005`. */
	readonly build: string;
};

export function formatVersion({release, builder, compiler, build}: Version): string {
	return `Linux version ${release} (${builder}) (${compiler}) ${build}\n`;
}

/** @throws FormatError */
export function parseVersion(text: string): Version {
	const pattern = /^Linux version (\S+) \((\S+)\) \((.*)\) (#.*)$/s;
	const [release, builder, compiler, build] = new Lines('version', text).match(pattern, 'Linux version … (…) (…) #…');
	return {release: release!, builder: builder!, compiler: compiler!, build: build!};
}
