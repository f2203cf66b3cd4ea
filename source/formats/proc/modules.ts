/** /proc/modules: loaded modules, newest first: name, size, users, names of users, state, address. */
import {joinLines, Lines} from '../text.ts';

type ModuleLine = {
	readonly name: string;
	readonly sizeBytes: number;
	readonly refcount: number;
	/** Modules that use it. */
	readonly users: readonly string[];
	readonly state: 'Loading' | 'Live' | 'Unloading';
	readonly address: number;
};

type Modules = {readonly modules: readonly ModuleLine[]};

export function formatModules({modules}: Modules): string {
	return joinLines(
		modules.map(({name, sizeBytes, refcount, users, state, address}) => {
			const by = users.length === 0 ? '-' : `${users.join(',')},`;
			return `${name} ${sizeBytes} ${refcount} ${by} ${state} 0x${address.toString(16).padStart(8, '0')}`;
		}),
	);
}

/** What follows the address (taints) is skipped. @throws FormatError */
export function parseModules(text: string): Modules {
	const lines = new Lines('modules', text);
	const modules: ModuleLine[] = [];
	while (!lines.done) {
		const found = lines.tryMatch(/^(\S+) (\d+) (\d+) (\S+) (Loading|Live|Unloading) 0x([0-9a-f]+)/);
		if (!found) return lines.fail('a module');
		const [name = '', size, count, users = '-', state, address] = found;
		modules.push({
			name,
			sizeBytes: Number(size),
			refcount: Number(count),
			users: users === '-' ? [] : users.split(',').filter(Boolean),
			state: state as ModuleLine['state'],
			address: Number.parseInt(address!, 16),
		});
	}
	return {modules};
}
