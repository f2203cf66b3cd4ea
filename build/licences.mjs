// The licences of what is bundled: MIT and its like ask that their notice goes wherever a copy goes.
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** A file of a package that says under which licence it, or what it embeds, may be copied. */
const licenceFile = /^(licen[cs]es?|copying|notices?|third[-_]?party[-_]?(notices?|licen[cs]es?))([-.][\w-]+)*$/i;
const code = /\.(c|m)?[jt]sx?(\.map)?$|\.json$/i;

const mit = holder => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Directories of the packages that esbuild's metafile names, sorted. */
export function bundledPackages({inputs}) {
	const found = Object.keys(inputs).flatMap(path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
	return [...new Set(found)].sort();
}

async function licenceFilesOf(directory) {
	const names = await readdir(directory, {recursive: true});
	const isLicence = name => {
		const parts = name.split(/[\\/]/);
		return !parts.includes('node_modules') && licenceFile.test(parts.at(-1)) && !code.test(name);
	};
	return names.filter(isLicence).sort();
}

/** Where a package has no licence file: the standard text, for whom its package.json names. */
function standardText({name, license, author}) {
	const {name: who, email} = typeof author === 'object' ? author : {name: author};
	if (license !== 'MIT' || !who)
		throw new Error(`${name} has no licence file, and "${license}" of "${who}" no text here`);
	return mit(email ? `${who} <${email}>` : who);
}

/** @returns the texts for one package, its own and those of what it embeds */
async function textsOf(root, directory) {
	const here = join(root, directory);
	const manifest = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
	const files = await licenceFilesOf(here);
	const texts = await Promise.all(files.map(file => readFile(join(here, file), 'utf8')));
	if (texts.length === 0) texts.push(standardText(manifest));
	const added = await readFile(join(import.meta.dirname, 'notices', `${manifest.name}.txt`), 'utf8').catch(() => '');
	if (added) texts.push(added);
	return {title: `${manifest.name} ${manifest.version} (${manifest.license})`, texts: texts.map(text => text.trim())};
}

/**
 * What THIRD-PARTY-NOTICES.txt says.
 *
 * @param root directory that the metafile's paths start from
 * @param metafile esbuild's
 */
export async function noticesFor(root, metafile) {
	const packages = await Promise.all(bundledPackages(metafile).map(directory => textsOf(root, directory)));
	const own = await readFile(join(root, 'LICENSE'), 'utf8');
	const chapters = [{title: 'mmtop', texts: [own.trim()]}, ...packages].map(
		({title, texts}) => `${title}\n${'-'.repeat(title.length)}\n\n${texts.join('\n\n')}\n`,
	);
	return `mmtop is one file that contains these packages. Their licences:\n\n${chapters.join('\n\n')}`;
}

/** The notices as a comment for the end of the bundle, which is copied alone. */
export function asComment(notices) {
	if (notices.includes('*/')) throw new Error('a licence text would end the comment that it stands in');
	return `/* THIRD-PARTY NOTICES\n\n${notices}\n*/\n`;
}
