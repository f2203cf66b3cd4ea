/**
 * Colours by meaning. Every look on the screen has a name here and nowhere else; a theme gives each name SGR
 * parameters. No meaning hangs on a hue alone: letters, marks and words carry it, colours repeat it. The hues are those
 * that people with the common kinds of colour blindness tell apart (after Okabe and Ito).
 */

const pageTones = [
	'page.reserved',
	'page.kernel',
	'page.slab',
	'page.table',
	'page.anonymous',
	'page.shared',
	'page.file',
	'page.mapped',
	'page.dma',
	'page.pinned',
	'page.kmapped',
	'page.bounce',
	'page.vmalloc',
	'page.dirty',
	'page.writeback',
	'page.free',
] as const;

export type PageTone = (typeof pageTones)[number];

/** A kind of page frame in a cell of which few frames, or all, are in use. */
type FullnessTone = `${PageTone}.${'few' | 'full'}`;

const plainTones = [
	'plain',
	'dim',
	'strong',
	'heading',
	'number',
	'good',
	'warning',
	'bad',
	'frame',
	'frame.focused',
	'title',
	'title.focused',
	'row.selected',
	'row.lit',
	'row.differs',
	'mark.new',
	'mark.changed',
	'mark.gone',
	'bar.full',
	'key',
	'status',
	'status.running',
	'status.paused',
	'status.lost',
	'notice',
	'page.cursor',
	'page.lit',
	'injection.0',
	'injection.1',
	'injection.2',
	'injection.3',
	'injection.4',
	'injection.5',
] as const;

export type Tone = (typeof plainTones)[number] | PageTone | FullnessTone;

export const tones: readonly Tone[] = [
	...plainTones,
	...pageTones.flatMap(tone => [tone, `${tone}.few`, `${tone}.full`] as const),
];

/** @param level how full the cell is; empty for anything between */
export const pageTone = (tone: PageTone, level: '' | 'few' | 'full'): Tone =>
	level === '' ? tone : `${tone}.${level}`;

const injectionTones = 6;

/** The tone of the `id`-th injection; colours come round again. */
export const injectionTone = (id: number): Tone => `injection.${id % injectionTones}` as Tone;

export type ThemeName = 'dark' | 'light' | '16' | 'mono' | 'plain';

export type Theme = {
	readonly name: ThemeName;
	/** False when the terminal cannot show more than ASCII. */
	readonly unicode: boolean;
	/** SGR parameters of each tone, empty for the terminal's own look. */
	readonly sgr: Readonly<Record<Tone, string>>;
};

/** `few` and `full` are what these levels add to a kind's own look. */
type Palette = Partial<Record<Exclude<Tone, FullnessTone>, string>> & {readonly few?: string; readonly full?: string};

const indexed = (colour: number): string => `38;5;${colour}`;
const on = (colour: number): string => `48;5;${colour}`;

const dark: Palette = {
	dim: indexed(245),
	strong: '1',
	heading: `${indexed(250)};4`,
	number: indexed(153),
	good: indexed(79),
	warning: indexed(214),
	bad: `1;${indexed(209)}`,
	frame: indexed(240),
	'frame.focused': indexed(110),
	title: indexed(250),
	'title.focused': `1;${indexed(153)}`,
	'row.selected': on(238),
	'row.lit': `1;${indexed(229)}`,
	'row.differs': on(53),
	'mark.new': `1;${indexed(79)}`,
	'mark.changed': `1;${indexed(221)}`,
	'mark.gone': `9;${indexed(245)}`,
	'bar.full': indexed(110),
	key: `1;${indexed(221)}`,
	status: on(236),
	'status.running': `${indexed(79)};${on(236)}`,
	'status.paused': `1;${indexed(221)};${on(236)}`,
	'status.lost': `1;${indexed(231)};${on(130)}`,
	notice: `${indexed(221)}`,
	'page.reserved': indexed(242),
	'page.kernel': indexed(180),
	'page.slab': indexed(173),
	'page.table': indexed(222),
	'page.anonymous': indexed(75),
	'page.shared': indexed(117),
	'page.file': indexed(72),
	'page.mapped': indexed(115),
	'page.dma': `1;${indexed(214)}`,
	'page.pinned': `1;${indexed(209)}`,
	'page.kmapped': `1;${indexed(213)}`,
	'page.bounce': `1;${indexed(203)}`,
	'page.vmalloc': indexed(146),
	'page.dirty': indexed(179),
	'page.writeback': indexed(215),
	'page.free': indexed(238),
	'page.cursor': '7',
	'page.lit': `1;4;${indexed(229)};${on(60)}`,
	few: '2',
	full: on(236),
	'injection.0': `1;${indexed(214)}`,
	'injection.1': `1;${indexed(81)}`,
	'injection.2': `1;${indexed(213)}`,
	'injection.3': `1;${indexed(156)}`,
	'injection.4': `1;${indexed(228)}`,
	'injection.5': `1;${indexed(209)}`,
};

const light: Palette = {
	...dark,
	dim: indexed(241),
	heading: `${indexed(238)};4`,
	number: indexed(24),
	good: indexed(29),
	warning: indexed(130),
	bad: `1;${indexed(124)}`,
	frame: indexed(248),
	'frame.focused': indexed(25),
	title: indexed(238),
	'title.focused': `1;${indexed(25)}`,
	'row.selected': on(253),
	'row.lit': `1;${indexed(54)}`,
	'row.differs': on(225),
	'mark.new': `1;${indexed(29)}`,
	'mark.changed': `1;${indexed(94)}`,
	'mark.gone': `9;${indexed(245)}`,
	'bar.full': indexed(25),
	key: `1;${indexed(94)}`,
	status: on(254),
	'status.running': `${indexed(29)};${on(254)}`,
	'status.paused': `1;${indexed(94)};${on(254)}`,
	'status.lost': `1;${indexed(231)};${on(124)}`,
	notice: indexed(94),
	'page.reserved': indexed(245),
	'page.kernel': indexed(94),
	'page.slab': indexed(130),
	'page.table': indexed(100),
	'page.anonymous': indexed(25),
	'page.shared': indexed(31),
	'page.file': indexed(29),
	'page.mapped': indexed(36),
	'page.dma': `1;${indexed(166)}`,
	'page.pinned': `1;${indexed(160)}`,
	'page.kmapped': `1;${indexed(127)}`,
	'page.bounce': `1;${indexed(124)}`,
	'page.vmalloc': indexed(61),
	'page.dirty': indexed(136),
	'page.writeback': indexed(172),
	'page.free': indexed(251),
	'page.lit': `1;4;${indexed(54)};${on(189)}`,
	full: on(254),
	'injection.0': `1;${indexed(166)}`,
	'injection.1': `1;${indexed(25)}`,
	'injection.2': `1;${indexed(127)}`,
	'injection.3': `1;${indexed(28)}`,
	'injection.4': `1;${indexed(94)}`,
	'injection.5': `1;${indexed(124)}`,
};

// Bright black is invisible on some palettes: what is dim says so with the attribute.
const sixteen: Palette = {
	dim: '2',
	strong: '1',
	heading: '4',
	number: '36',
	good: '32',
	warning: '33',
	bad: '1;31',
	frame: '2',
	'frame.focused': '36',
	'title.focused': '1;36',
	'row.selected': '7',
	'row.lit': '1;33',
	'row.differs': '4',
	'mark.new': '1;32',
	'mark.changed': '1;33',
	'mark.gone': '2;9',
	'bar.full': '36',
	key: '1;33',
	status: '7',
	'status.running': '7',
	'status.paused': '1;7',
	'status.lost': '1;37;41',
	notice: '33',
	'page.reserved': '2',
	'page.kernel': '33',
	'page.slab': '33',
	'page.table': '1;33',
	'page.anonymous': '34',
	'page.shared': '1;34',
	'page.file': '32',
	'page.mapped': '1;32',
	'page.dma': '1;35',
	'page.pinned': '1;31',
	'page.kmapped': '1;36',
	'page.bounce': '31',
	'page.vmalloc': '36',
	'page.dirty': '35',
	'page.writeback': '1;35',
	'page.free': '2',
	'page.cursor': '7',
	'page.lit': '1;4;33',
	few: '2',
	full: '1',
	'injection.0': '1;33',
	'injection.1': '1;36',
	'injection.2': '1;35',
	'injection.3': '1;32',
	'injection.4': '1;34',
	'injection.5': '1;31',
};

const mono: Palette = {
	dim: '2',
	strong: '1',
	heading: '4',
	bad: '1',
	warning: '1',
	frame: '2',
	'title.focused': '1',
	'frame.focused': '1',
	'row.selected': '7',
	'row.lit': '1',
	'row.differs': '4',
	'mark.new': '1',
	'mark.changed': '1',
	'mark.gone': '2',
	key: '1',
	status: '7',
	'status.running': '7',
	'status.paused': '1;7',
	'status.lost': '1;7',
	notice: '1',
	'page.free': '2',
	'page.dma': '1',
	'page.pinned': '1',
	'page.kmapped': '1',
	'page.bounce': '1',
	'page.cursor': '7',
	'page.lit': '1;4',
	few: '2',
	full: '1',
	'injection.0': '1',
	'injection.1': '1',
	'injection.2': '1',
	'injection.3': '1',
	'injection.4': '1',
	'injection.5': '1',
};

const palettes: Readonly<Record<ThemeName, Palette>> = {dark, light, '16': sixteen, mono, plain: {}};

export const themeNames = Object.keys(palettes) as readonly ThemeName[];

const joined = (...parameters: readonly (string | undefined)[]): string => parameters.filter(Boolean).join(';');

export function createTheme(name: ThemeName, unicode: boolean): Theme {
	const palette = palettes[name];
	const sgr: Partial<Record<Tone, string>> = {};
	for (const tone of [...plainTones, ...pageTones]) {
		sgr[tone] = palette[tone] ?? '';
	}
	for (const tone of pageTones) {
		sgr[`${tone}.few`] = joined(palette[tone]?.replace(/^1;?/, ''), palette.few);
		sgr[`${tone}.full`] = joined(palette[tone], palette.full);
	}
	return {name, unicode, sgr: sgr as Record<Tone, string>};
}

const reversed = '7';

/**
 * SGR parameters of a tone that lies over a line's own tone. Reversed, a colour of letters would be a patch of ground:
 * over a reversed line only what a tone says beside colours is left, or all of one that brings its own ground.
 */
export function laidOver({sgr}: Theme, under: Tone | undefined, tone: Tone): string {
	const own = sgr[tone];
	const isReversed = under !== undefined && sgr[under].split(';').includes(reversed);
	const bringsGround = /(?:^|;)(?:7|4[0-8])(?:;|$)/.test(own);
	return !isReversed || bringsGround ? own : own.split(';').includes('1') ? '1' : '';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of `COLORFGBG` ("foreground;background"), which some terminals set: is the background a light colour? */
function hasLightBackground(environment: Environment): boolean {
	const background = Number(environment.COLORFGBG?.split(';').at(-1));
	return background === 7 || (background >= 9 && background <= 15);
}

function chooseName(environment: Environment): ThemeName {
	const terminal = environment.TERM ?? '';
	// https://no-color.org: any value that is not empty.
	if (environment.NO_COLOR || terminal === 'dumb' || /^vt\d|-m(?:ono)?$/.test(terminal)) return 'mono';
	if (!/256|direct|kitty|ghostty|alacritty/.test(terminal) && !environment.COLORTERM) return '16';
	return hasLightBackground(environment) ? 'light' : 'dark';
}

/** What a person asked for in place of what the environment suggests. */
export type ThemeWish = {
	readonly theme?: ThemeName;
	/** Draw with ASCII only, or with more, whatever the locale. */
	readonly ascii?: boolean;
};

/** The theme for a terminal, as far as its environment tells. */
export function detectTheme(environment: Environment, {theme, ascii}: ThemeWish = {}): Theme {
	const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
	return createTheme(theme ?? chooseName(environment), !(ascii ?? !/utf-?8/i.test(locale)));
}
