/** /proc/mounts and /proc/filesystems: fs/namespace.c, fs/filesystems.c, the same from 2.6.11 to 6.18. */
import {joinLines, Lines} from '../text.ts';

type Mount = {readonly device: string; readonly directory: string; readonly type: string; readonly options: string};
type Mounts = {readonly mounts: readonly Mount[]};

export const formatMounts = ({mounts}: Mounts): string =>
	joinLines(mounts.map(({device, directory, type, options}) => `${device} ${directory} ${type} ${options} 0 0`));

/** @throws FormatError */
export function parseMounts(text: string): Mounts {
	const lines = new Lines('mounts', text);
	const mounts: Mount[] = [];
	while (!lines.done) {
		const [device, directory, type, options] = lines.match(/^(\S+) (\S+) (\S+) (\S+) \d+ \d+$/, 'six words');
		mounts.push({device: device!, directory: directory!, type: type!, options: options!});
	}
	return {mounts};
}

type Filesystems = {readonly filesystems: readonly {readonly name: string; readonly needsDevice: boolean}[]};

export const formatFilesystems = ({filesystems}: Filesystems): string =>
	joinLines(filesystems.map(({name, needsDevice}) => `${needsDevice ? '' : 'nodev'}\t${name}`));

/** @throws FormatError */
export function parseFilesystems(text: string): Filesystems {
	const lines = new Lines('filesystems', text);
	const filesystems: {name: string; needsDevice: boolean}[] = [];
	while (!lines.done) {
		const [nodev, name] = lines.match(/^(nodev)?\t(\S+)$/, 'nodev or nothing, a tab, a name');
		filesystems.push({name: name!, needsDevice: !nodev});
	}
	return {filesystems};
}
