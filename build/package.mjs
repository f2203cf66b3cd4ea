// What is published: the bundle and what belongs to it, and nothing that installs anything else.
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import {gzipSync} from 'node:zlib';
import {arArchive, tarball} from './archive.mjs';

const documents = ['README.md', 'CHANGELOG.md', 'LICENSE'];

function filesUnder(root, folder) {
	return readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
		.sort();
}

/** A link to what is not in the package becomes its words. */
function withoutDeadLinks(text, path, has) {
	return text.replace(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, image, words, target) => {
		if (/^(?:[a-z]+:|#)/.test(target)) return whole;
		const aim = normalize(join(dirname(path), target.replace(/#.*$/, '')));
		return has(aim) ? whole : image ? '' : words;
	});
}

/** package.json of what is published: all that it needs is in the bundle. */
function manifest(text) {
	const {dependencies, devDependencies, scripts, files, ...rest} = JSON.parse(text);
	return `${JSON.stringify(rest, undefined, '\t')}\n`;
}

/** What is in the bundle, as SPDX 2.3: names, versions and licences are those of the notices. */
function spdx(name, version, notices, bundle, timeS) {
	const sha256 = createHash('sha256').update(bundle).digest('hex');
	const found = [...notices.matchAll(/^(\S+) (\d\S*) \((.+)\)\n-+$/gm)];
	const packages = found.map(([, each, its, licence], index) => ({
		SPDXID: `SPDXRef-${index + 1}`,
		name: each,
		versionInfo: its,
		licenseDeclared: licence,
		licenseConcluded: 'NOASSERTION',
		copyrightText: 'NOASSERTION',
		downloadLocation: 'NOASSERTION',
		filesAnalyzed: false,
		externalRefs: [
			{
				referenceCategory: 'PACKAGE-MANAGER',
				referenceType: 'purl',
				referenceLocator: `pkg:npm/${each.replace('@', '%40')}@${its}`,
			},
		],
	}));
	const own = {
		SPDXID: 'SPDXRef-mmtop',
		name,
		versionInfo: version,
		licenseDeclared: 'MIT',
		licenseConcluded: 'MIT',
		copyrightText: 'NOASSERTION',
		downloadLocation: 'NOASSERTION',
		filesAnalyzed: false,
		checksums: [{algorithm: 'SHA256', checksumValue: sha256}],
	};
	const contains = packages.map(({SPDXID}) => ({
		spdxElementId: own.SPDXID,
		relationshipType: 'CONTAINS',
		relatedSpdxElement: SPDXID,
	}));
	const described = {
		spdxElementId: 'SPDXRef-DOCUMENT',
		relationshipType: 'DESCRIBES',
		relatedSpdxElement: own.SPDXID,
	};
	const document = {
		spdxVersion: 'SPDX-2.3',
		dataLicense: 'CC0-1.0',
		SPDXID: 'SPDXRef-DOCUMENT',
		name: `${name}-${version}`,
		documentNamespace: `https://spdx.org/spdxdocs/${name}-${version}-${sha256}`,
		creationInfo: {
			created: new Date(timeS * 1000).toISOString().replace('.000', ''),
			creators: [`Tool: ${name}-release`],
		},
		packages: [own, ...packages],
		relationships: [described, ...contains],
	};
	return `${JSON.stringify(document, undefined, '\t')}\n`;
}

/**
 * The files of the package by path.
 *
 * @param root of the checkout
 * @param dist where the bundle is that was built
 * @param timeS of the release, in seconds
 */
export function packageFiles(root, dist, timeS = 0) {
	const read = path => readFileSync(join(root, path));
	const files = new Map();
	for (const name of readdirSync(dist, {recursive: true, withFileTypes: true})) {
		if (!name.isFile()) continue;
		const path = join(name.parentPath, name.name).slice(dist.length + 1);
		files.set(`dist/${path}`, {
			bytes: readFileSync(join(dist, path)),
			mode: path === 'mmtop.mjs' ? 0o755 : 0o644,
		});
	}
	const folders = ['docs', 'examples', 'headers'].flatMap(folder => filesUnder(root, folder));
	for (const path of [...folders, ...documents]) files.set(path, {bytes: read(path)});
	for (const name of readdirSync(join(root, 'build/system'))) files.set(name, {bytes: read(`build/system/${name}`)});
	const {name, version} = JSON.parse(read('package.json'));
	files.set('package.json', {bytes: Buffer.from(manifest(read('package.json')))});
	const notices = files.get('dist/THIRD-PARTY-NOTICES.txt').bytes.toString();
	const bundle = files.get('dist/mmtop.mjs').bytes;
	files.set('sbom.spdx.json', {bytes: Buffer.from(spdx(name, version, notices, bundle, timeS))});
	const has = path => files.has(path) || [...files.keys()].some(each => each.startsWith(`${path}/`));
	for (const [path, {bytes}] of files) {
		if (path.endsWith('.md')) files.set(path, {bytes: Buffer.from(withoutDeadLinks(bytes.toString(), path, has))});
	}
	return files;
}

/** The tarball that npm installs. */
export const npmPackage = (files, timeS) =>
	tarball(new Map([...files].map(([path, file]) => [`package/${path}`, file])), {timeS});

/** A package of Debian's that holds the same. @param completion of bash */
export function debianPackage(files, completion, timeS) {
	const {name, version, description} = JSON.parse(files.get('package.json').bytes);
	const data = new Map();
	const put = (path, file) => data.set(`./usr/${path}`, file);
	for (const [path, file] of files) {
		const page = /^dist\/man\/(.+)$/.exec(path)?.[1];
		if (page) put(`share/man/man1/${page}.gz`, {bytes: gzipSync(file.bytes, {level: 9})});
		else if (/^(?:dist|headers)\//.test(path)) put(`lib/mmtop/${path}`, file);
		else if (/^(?:docs|examples)\/|^README|^sbom/.test(path)) put(`share/doc/mmtop/${path}`, file);
	}
	put('bin/mmtop', {link: '../lib/mmtop/dist/mmtop.mjs'});
	put('share/doc/mmtop/copyright', {bytes: files.get('dist/THIRD-PARTY-NOTICES.txt').bytes});
	put('share/doc/mmtop/changelog.gz', {bytes: gzipSync(files.get('CHANGELOG.md').bytes, {level: 9})});
	put('lib/systemd/user/mmtop@.service', files.get('mmtop@.service'));
	put('share/bash-completion/completions/mmtop', {bytes: Buffer.from(completion)});
	const sizeKb = Math.ceil([...data.values()].reduce((sum, {bytes}) => sum + (bytes?.length ?? 0), 0) / 1024);
	const control = [
		`Package: ${name}`,
		`Version: ${version}`,
		'Architecture: all',
		'Maintainer: the mmtop authors <mmtop@localhost>',
		`Installed-Size: ${sizeKb}`,
		'Depends: nodejs (>= 20.19)',
		'Suggests: gcc, make',
		'Section: education',
		'Priority: optional',
		`Description: ${description.split('. ')[0]}`,
	];
	const controlFiles = new Map([['./control', {bytes: Buffer.from(`${control.join('\n')}\n`)}]]);
	return arArchive(
		[
			['debian-binary', Buffer.from('2.0\n')],
			['control.tar.gz', tarball(controlFiles, {directories: true, timeS})],
			['data.tar.gz', tarball(data, {directories: true, timeS})],
		],
		timeS,
	);
}
