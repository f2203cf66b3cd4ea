import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {pageBytes} from '../source/formats/pageBytes.ts';
import {PAGE_SIZE} from '../source/hardware/address.ts';
import {mmtopVersion} from '../source/lab/version.ts';
import {
	circlesOf,
	everything,
	exportsOf,
	findings,
	functionsOf,
	importedNames,
	importsOf,
	inRooms,
	root,
	sources,
	valueImportsOf,
} from './sourceFiles.ts';

/** What the team agreed on and a compiler or linter does not see. docs/architecture.md gives the reasons. */

describe('imports go down only', () => {
	/** What each room may import of ours, beside itself: a room (ending in a slash) or a single file. */
	const mayImport: Readonly<Record<string, readonly string[]>> = {
		hardware: [],
		formats: [],
		kernel: ['hardware/'],
		lab: ['kernel/', 'hardware/', 'formats/'],
		target: [],
		model: ['formats/', 'target/target.ts'],
		ui: ['model/', 'formats/', 'target/target.ts'],
	};
	/** A file that may import more than its room. */
	const exceptions: Readonly<Record<string, readonly string[]>> = {
		'source/target/embedded.ts': ['lab/lab.ts'],
		'source/target/hostFrames.ts': ['formats/'],
	};

	test.each(Object.entries(mayImport))('%s', (room, allowed) => {
		const stray = inRooms([room])
			.flatMap(importsOf)
			.filter(({from, to, specifier}) => {
				const reachable = [`${room}/`, ...allowed, ...(exceptions[from] ?? [])];
				return specifier.startsWith('.') && !reachable.some(place => to.startsWith(`source/${place}`));
			});
		expect(stray.map(({from, to}) => `${from} imports ${to}`)).toEqual([]);
	});

	test('experiments get a machine handed in and do not import the tree', () => {
		const stray = inRooms(['lab/experiments'])
			.flatMap(importsOf)
			.filter(({to}) => to.startsWith('source/lab/tree'));
		expect(stray.map(({from, to}) => `${from} imports ${to}`)).toEqual([]);
	});
});

test('experiments say by their neighbours in which eras they differ, so that a new era belongs to one', () => {
	const listed = inRooms(['lab/experiments']).flatMap(({path, code}) =>
		code.filter(({text}) => /\beras: \['/.test(text)).map(({number}) => `${path}:${number}`),
	);
	expect(listed).toEqual([]);
});

describe('imports go round in no circle but Linux’s own', () => {
	/**
	 * Reclaim: an allocation may have to write pages back, which maps and allocates (mm/page_alloc.c, vmscan.c, rmap.c,
	 * filemap.c, page-writeback.c, highmem.c and what they stand on).
	 */
	const reclaim = [
		'source/kernel/fs/block.ts',
		'source/kernel/mm/bounce.ts',
		'source/kernel/mm/filemap.ts',
		'source/kernel/mm/highmem.ts',
		'source/kernel/mm/kmap_atomic.ts',
		'source/kernel/mm/page-writeback.ts',
		'source/kernel/mm/page_alloc.ts',
		'source/kernel/mm/pgtable.ts',
		'source/kernel/mm/rmap.ts',
		'source/kernel/mm/vmscan.ts',
	];

	test('of imports that are there when the program runs', () => {
		expect(circlesOf(new Map(sources.map(file => [file.path, valueImportsOf(file)])))).toEqual([reclaim]);
	});

	test('a circle is found, and what hangs on it is not taken for it', () => {
		const graph = {a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: [], f: ['a'], g: ['h'], h: ['g']};
		expect(circlesOf(new Map(Object.entries(graph)))).toEqual([
			['a', 'b', 'c'],
			['g', 'h'],
		]);
	});
});

describe('one name means one thing, and is needed', () => {
	test('no two files export a type under one name', () => {
		const types = sources.flatMap(exportsOf).filter(({isType}) => isType);
		const twice = types.filter(({name}) => types.filter(other => other.name === name).length > 1);
		expect(twice.map(({path, name}) => `${path}: ${name}`)).toEqual([]);
	});

	/** Numbers of Linux and of data sheets may be listed whole, also those that are not in use. */
	const isListed = (path: string, name: string) =>
		/^source\/(?:hardware|kernel)\//.test(path) && /^[A-Z][A-Z0-9_]+$/.test(name);
	/** What Linux exports to drivers, though no driver of ours calls it. */
	const forDrivers = [
		'source/kernel/irq.ts#local_bh_disable',
		'source/kernel/irq.ts#local_bh_enable',
		'source/kernel/mm/ioremap.ts#readb',
		'source/kernel/mm/ioremap.ts#readw',
		'source/kernel/mm/ioremap.ts#writew',
		'source/kernel/mm/remap.ts#io_remap_pfn_range',
		'source/kernel/mm/slab.ts#kzalloc',
		'source/kernel/mm/vmalloc.ts#vmalloc_user',
	];

	test('what is exported is imported somewhere', () => {
		const imported = importedNames(everything);
		const dead = everything
			.flatMap(exportsOf)
			.filter(({path, name}) => !isListed(path, name) && !imported.has(`${path}#*`))
			.map(({path, name}) => `${path}#${name}`)
			// The last one is called by vitest.
			.filter(each => !imported.has(each) && !forDrivers.includes(each) && each !== 'test/bundle.ts#setup');
		expect(dead).toEqual([]);
	});

	test('an import is seen in each of its forms', () => {
		const text = [
			"import {a, type B, c as d} from './x.ts';",
			"import type {E} from './x.ts';",
			"import * as all from './y.ts';",
			"const {f} = await import('./x.ts');",
			"load: async () => (await import('./x.ts')).g,",
		];
		const code = text.map((line, index) => ({number: index + 1, text: line}));
		expect(
			[...importedNames([{path: 'z.ts', text: text.join('\n'), code}])].filter(each => !each.endsWith('#')),
		).toEqual(['x.ts#a', 'x.ts#B', 'x.ts#c', 'x.ts#E', 'y.ts#*', 'x.ts#f', 'x.ts#g']);
	});

	test('the size of a page has one name in the machine and one in its files', () => {
		expect(findings(sources, /\bconst \w*page\w* = 4_?096\b/i)).toEqual([
			expect.stringContaining('source/formats/pageBytes.ts:'),
			expect.stringContaining('source/hardware/address.ts:'),
		]);
		expect(pageBytes).toBe(PAGE_SIZE);
	});

	test('a path of the tree is written in the table of files, and with the routes', () => {
		const written = /['`]\/sys\/(?:kernel|devices)\//;
		const places = sources
			.filter(({path}) => path !== 'source/formats/files.ts' && !path.startsWith('source/lab/tree/'))
			.flatMap(({path, code}) => code.filter(({text}) => written.test(text)).map(({number}) => `${path}:${number}`));
		expect(places).toEqual([]);
	});
});

describe('pure rooms', () => {
	const pure = inRooms(['hardware', 'kernel', 'formats', 'lab', 'model']);
	const engineDependent =
		'acos|acosh|asin|asinh|atan|atanh|atan2|cbrt|cos|cosh|exp|expm1|hypot|log|log10|log1p|log2|pow|sin|sinh|tan|tanh';

	test.each([
		['chance of the outside', /\bMath\.random\b|\bcrypto\b/],
		['wall time', /\bnew Date\b|\bDate\.|\bperformance\b/],
		['timers', /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/],
		['Math whose last digit depends on the engine', new RegExp(`\\bMath\\.(?:${engineDependent})\\b`)],
		['text that depends on locale', /\bIntl\.|\.toLocale\w+\(|\.localeCompare\(/],
		[
			'promises: their order is not the machine’s',
			/\basync\s*(?:function\b|\(|\*)|\basync\s+\w+\s*[(=]|\bawait\b|\bnew Promise\b/,
		],
	])('know nothing of %s', (_, pattern) => {
		expect(findings(pure, pattern)).toEqual([]);
	});

	test('import nothing but our own and libraries that are as pure', () => {
		const pureLibraries = /^(?:pure-rand\/|(?:tinyqueue|leven)$)/;
		const foreign = pure
			.flatMap(importsOf)
			.filter(({specifier}) => !specifier.startsWith('.') && !pureLibraries.test(specifier));
		expect(foreign.map(({from, specifier}) => `${from} imports ${specifier}`)).toEqual([]);
	});
});

describe('the monitor', () => {
	const ui = inRooms(['ui']);

	test('has one function of a name', () => {
		const pattern = /^export (?:const|function) (\w+)\b(?!:)/;
		const names = ui.flatMap(({code}) => code.flatMap(({text}) => pattern.exec(text)?.[1] ?? []));
		expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
	});

	test('makes an update that does nothing outside in one place', () => {
		const places = findings(ui, /\beffects: \[\]/).map(finding => finding.split(':')[0]);
		expect(places).toEqual(['source/ui/state/answer.ts']);
	});

	/** What each room of it may import of its others. What lies directly in ui/, and plain/, stands on top. */
	const rooms: Readonly<Record<string, readonly string[]>> = {
		terminal: [],
		state: ['terminal'],
		panes: ['state', 'terminal'],
		overlays: ['panes', 'state', 'terminal'],
		update: ['overlays', 'panes', 'state', 'terminal'],
		view: ['overlays', 'panes', 'state', 'terminal'],
		wall: ['overlays', 'panes', 'state', 'terminal', 'update', 'view'],
	};

	test.each(Object.entries(rooms))('%s/ imports only what lies below it', (room, below) => {
		const allowed = [room, ...below].map(each => `source/ui/${each}/`);
		const stray = inRooms([`ui/${room}`])
			.flatMap(importsOf)
			.filter(({to}) => to.startsWith('source/ui/') && !allowed.some(place => to.startsWith(place)));
		expect(stray.map(({from, to}) => `${from} imports ${to}`)).toEqual([]);
	});

	test('has no room that is not named here', () => {
		const found = new Set(ui.flatMap(({path}) => /^source\/ui\/(\w+)\//.exec(path)?.[1] ?? []));
		expect([...found].sort()).toEqual([...Object.keys(rooms), 'plain'].sort());
	});

	test('does not draw in the reducer: nothing that update/ reaches at run time makes lines', () => {
		const byPath = new Map(sources.map(file => [file.path, file]));
		const reached = new Set(inRooms(['ui/update']).map(({path}) => path));
		for (const path of reached) {
			const file = byPath.get(path);
			for (const {to, isType} of file ? importsOf(file) : []) if (!isType) reached.add(to);
		}
		expect([...reached].filter(path => /^source\/ui\/(?:view\/|terminal\/lines)/.test(path))).toEqual([]);
		// The walk does not end at the first step.
		expect(reached).toContain('source/ui/panes/maps.ts');
	});

	test('asks a pane what it does, and names none in the reducer', () => {
		const ids = ['maps', 'frames', 'kmap', 'dma', 'iocbs', 'zones', 'page', 'log'];
		const pattern = new RegExp(`(?:case|===|!==) '(?:${ids.join('|')}|trace)'`);
		const places = inRooms(['ui/update']).flatMap(({path, code}) =>
			code.filter(({text}) => pattern.test(text)).map(({number}) => `${path}:${number}`),
		);
		expect(places).toEqual([]);
	});

	test('has no cast to a model, for a map of types says which pane has which', () => {
		expect(findings(ui, /\bas \w+Model\b|<unknown>/)).toEqual([]);
	});

	test('has no function of more than 80 lines', () => {
		const long = ui.flatMap(({path, code}) =>
			functionsOf(code)
				.filter(({lines}) => lines > 80)
				.map(({name, lines}) => `${path}: ${name}, ${lines} lines`),
		);
		expect(long).toEqual([]);
	});
});

describe('what is cited can be opened', () => {
	const documents = readdirSync(join(root, 'docs'), {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.md'))
		.map(name => join('docs', name));
	const texts = [...sources.map(({path}) => path), ...documents, 'README.md'].map(path => ({
		path,
		text: readFileSync(join(root, path), 'utf8'),
	}));

	/** `mm/{a,b}.ts` as two. */
	const spelledOut = (path: string): readonly string[] => {
		const [, before, inside, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path) ?? [];
		return inside === undefined ? [path] : inside.split(',').map(part => `${before}${part}${after}`);
	};

	test('each path of the repository that a comment or a page names', () => {
		const cited = /(?<![\w/.-])(?:docs|fixtures|test|bench|source)\/[\w.{},/-]*\w/g;
		const missing = texts.flatMap(({path, text}) =>
			[...text.matchAll(cited)]
				.flatMap(([place]) => spelledOut(place))
				// A vector file is named without its ending.
				.filter(place => !existsSync(join(root, place)) && !existsSync(join(root, `${place}.json.gz`)))
				.map(place => `${path}: ${place}`),
		);
		expect(missing).toEqual([]);
	});

	test('each section of docs/sources.md', () => {
		const headings = readFileSync(join(root, 'docs/sources.md'), 'utf8');
		const missing = texts.flatMap(({path, text}) =>
			[...text.matchAll(/docs\/sources\.md (§\d+)/g)]
				.filter(([, section]) => !headings.includes(`## ${section} `))
				.map(([place]) => `${path}: ${place}`),
		);
		expect(missing).toEqual([]);
	});

	test('nothing cites what is not in the repository', () => {
		const outside = /fact sheet|(?<![\w/])truth\/|interface\.md|[Mm]ission rows?\b/;
		expect(texts.filter(({text}) => outside.test(text)).map(({path}) => path)).toEqual([]);
	});
});

test('a file of the kernel says at its top what it models', () => {
	const silent = inRooms(['kernel']).filter(({path, text}) => !path.includes('/era/') && !text.startsWith('/**'));
	expect(silent.map(({path}) => path)).toEqual([]);
});

describe('everywhere', () => {
	test('a file of more than 400 lines says at its top why it is long', () => {
		const long = everything.filter(({text}) => text.split('\n').length > 401);
		const unexplained = long.filter(
			({text}) => !/\blong\b/i.test(/^\s*(\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[0] ?? ''),
		);
		expect(unexplained.map(({path}) => path)).toEqual([]);
	});

	test('a function with a body is a function at the top of a file, and a guard that fits stands on one line', () => {
		const exempt = everything.filter(({path}) => path !== 'test/tidy.test.ts');
		expect(findings(exempt, /^(?:export )?const \w+ = (?:async )?(?:<[^>]*>)?\([^=]*\)(?:: [^=]+)? => \{$/)).toEqual(
			[],
		);
		const guard = /^(\t*)(if \(.*\)) \{\n\t+((?:return|throw|continue|break)\b.*;)\n\1\}(?! else)$/gm;
		const spread = exempt.flatMap(({path, text}) =>
			[...text.matchAll(guard)]
				.filter(([, indent, condition, body]) => `${indent}${indent}${condition} ${body}`.length <= 118)
				.map(([, , condition]) => `${path}: ${condition}`),
		);
		expect(spread).toEqual([]);
	});

	test('a constant is UPPER_CASE in kernel/ and hardware/, and elsewhere where it is a word of Linux', () => {
		const ofLinux =
			/^(?:PG|KPF|GFP|PROT_RW|USER_HZ|E(?:RANGE|FAULT)|(?:SIG|RLIM_|PF_|PKMAP_|VMALLOC_|MIN_PERCPU_|MAX_DMA_|RAMDISK_)\w+)$/;
		const ofTheI386 = /^[CPZSO]F$/;
		const elsewhere = everything.filter(({path}) => !/^source\/(?:kernel|hardware)\//.test(path));
		const places = elsewhere.flatMap(({path, code}) =>
			code.flatMap(({text, number}) => {
				const [, name = ''] = /^\t*(?:export )?(?:const|let) ([A-Z][A-Z0-9_]*)\b/.exec(text) ?? [];
				return name === '' || ofLinux.test(name) || ofTheI386.test(name) ? [] : [`${path}:${number}: ${name}`];
			}),
		);
		expect(places).toEqual([]);
	});

	test('a line has at most 120 characters', () => {
		// A regular expression cannot be broken, nor can what a test expects of a long line.
		const mayBeLong = /^\s*\/(?![*/]).*\/\w*[,;]?$/;
		const isWords = /^\s*(?:\/[*/]|\*|(?:test|it)\(|\] as const\)\()/;
		const long = everything.flatMap(({path, text}) =>
			text
				.split('\n')
				.filter(line => line.length > 120 && !mayBeLong.test(line))
				.filter(line => path.startsWith('source/') || isWords.test(line))
				.map(line => `${path}: ${line.trim()}`),
		);
		expect(long).toEqual([]);
	});

	test.each([
		['default export', /^export default\b/],
		['barrel', /^export \*/],
		['any', /[:<,|&(]\s*any\b(?=\s*[)\]>,;=|&[]|$)|\bas any\b/],
		['enum', /^(?:export )?(?:const )?enum\b/],
		['suppressed compiler or linter', /@ts-ignore|@ts-nocheck/],
	])('there is no %s', (_, pattern) => {
		const exempt = everything.filter(({path}) => path !== 'test/tidy.test.ts');
		expect(findings(exempt, pattern)).toEqual([]);
	});

	test('the version that the program shows is that of the package', () => {
		const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
		expect(mmtopVersion).toBe(version);
	});

	test('nothing is left for later in a comment: an issue can be found, a comment cannot', () => {
		const pattern = /\b(?:TODO|FIXME|XXX|HACK)\b/;
		const left = everything.filter(({path, text}) => path !== 'test/tidy.test.ts' && pattern.test(text));
		expect(left.map(({path}) => path)).toEqual([]);
	});
});
