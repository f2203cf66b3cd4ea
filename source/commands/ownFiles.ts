import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import {files} from '../formats/files.ts';
import {stateDirectory} from '../target/classes.ts';
import {asTargetError} from '../target/sentence.ts';
import type {Target} from '../target/target.ts';
import type {OwnFiles} from '../ui/state/ownFiles.ts';
import {Failure} from './errors.ts';
import {bytesOfFile, upload} from './upload.ts';

/** Files of this host that the monitor runs or loads, and which they were. */

const mostRemembered = 20;

/** @param env says where the state lies, and what `~` is */
export function ownFiles(env: NodeJS.ProcessEnv): OwnFiles {
	const rememberedPath = join(stateDirectory(env), 'files');
	const home = env.HOME || homedir();
	const whole = (path: string): string => (/^~(?:\/|$)/.test(path) ? home + path.slice(1) : path);

	const remembered = (): readonly string[] => {
		try {
			return readFileSync(rememberedPath, 'utf8').split('\n').filter(Boolean).slice(0, mostRemembered);
		} catch {
			// None yet, or not for us to read: then nothing is recalled.
			return [];
		}
	};

	const remember = (line: string): void => {
		const lines = [line, ...remembered().filter(each => each !== line)].slice(0, mostRemembered);
		try {
			mkdirSync(dirname(rememberedPath), {recursive: true, mode: 0o700});
			writeFileSync(rememberedPath, `${lines.join('\n')}\n`, {mode: 0o600});
		} catch {
			// It was run all the same.
		}
	};

	return {
		remembered,
		async complete(text) {
			const folder = text.slice(0, text.lastIndexOf('/') + 1);
			const begun = text.slice(folder.length);
			try {
				const entries = await readdir(whole(folder) || '.', {withFileTypes: true});
				// A blank ends a path here.
				return entries
					.filter(({name}) => !/\s/.test(name) && name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
					.map(each => `${folder}${each.name}${each.isDirectory() ? '/' : ''}`)
					.sort();
			} catch {
				return [];
			}
		},
		async start(target, line) {
			const [path = '', ...words] = line.split(/\s+/);
			const bytes = await bytesOfFile(whole(path));
			const answer = await tell(target, path, bytes, words);
			remember(line);
			return answer;
		},
	};
}

/** e_type of a module: it is linked when it is loaded. */
const relocatable = 1;

/** @throws Failure, TargetError with a sentence */
async function tell(target: Target, path: string, bytes: Uint8Array, words: readonly string[]): Promise<string> {
	if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== '\x7fELF') {
		throw new Failure(['it is neither a module nor a program: it is not an ELF file']);
	}

	const isModule = bytes[16] === relocatable;
	const to = isModule ? files.insmod.path : files.exec.path;
	try {
		const number = await upload(target, to, path, bytes);
		const answer = await target.write(to, `tell ${number} ${isModule ? words.join(' ') : JSON.stringify(words)}`);
		// A program has a number of its own behind the injection's.
		return answer.split(' ')[0] ?? '';
	} catch (error) {
		throw new Failure([asTargetError(error).message.replace(/^E[A-Z]+: /, '')]);
	}
}
