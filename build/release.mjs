// Makes what is published from dist/, the same bytes each time: node build/release.mjs [DIRECTORY]
// Their time is SOURCE_DATE_EPOCH, or 0.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {debianPackage, npmPackage, packageFiles} from './package.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const directory = process.argv[2] ?? join(root, 'release');
const timeS = Number(process.env.SOURCE_DATE_EPOCH ?? 0);
if (!Number.isSafeInteger(timeS) || timeS < 0) {
	console.error('SOURCE_DATE_EPOCH must be seconds since 1970');
	process.exit(2);
}

const files = packageFiles(root, dist, timeS);
const {name, version} = JSON.parse(files.get('package.json').bytes);
const completion = execFileSync(process.execPath, [join(dist, 'mmtop.mjs'), 'completion', 'bash']);
const made = [
	[`${name}-${version}.tgz`, npmPackage(files, timeS)],
	[`${name}_${version}_all.deb`, debianPackage(files, completion, timeS)],
	[`${name}-${version}.spdx.json`, files.get('sbom.spdx.json').bytes],
];
mkdirSync(directory, {recursive: true});
for (const [file, bytes] of made) {
	writeFileSync(join(directory, file), bytes);
	console.log(`${createHash('sha256').update(bytes).digest('hex')}  ${file}`);
}
