/** What stands in a frame: parts that stay the same objects while they say the same, for each is drawn by itself. */

import type {Tone} from '../terminal/theme.ts';
import {sameOr} from './keep.ts';

/** How a frame stands out among others. */
export type Standing = {readonly edge: Tone; readonly title: Tone};

export const usual: Standing = {edge: 'frame', title: 'title'};
export const focused: Standing = {edge: 'frame.focused', title: 'title.focused'};

export type EdgeTexts = {readonly left: string; readonly right: string} & Standing;

export type SideTexts = Pick<Standing, 'edge'> & {
	/** What the rows within are toned with, selected ones say: the frame is it beside them. */
	readonly tones: readonly (Tone | undefined)[];
};

export type FrameTexts = {readonly upper: EdgeTexts; readonly lower: EdgeTexts; readonly side: SideTexts};

type FrameParts = Standing & {
	readonly name: string;
	/** In the upper edge, at its right end. */
	readonly aside: string;
	/** In the lower one: what of a list lies outside. */
	readonly more: string;
	/** Of each row within. */
	readonly tones: readonly (Tone | undefined)[];
};

export function frameTexts(parts: FrameParts, before: FrameTexts | undefined): FrameTexts {
	const {name, aside, more, edge, title} = parts;
	const tones = sameOr(parts.tones, before?.side.tones);
	const texts = {
		upper: sameOr({left: name, right: aside, edge, title}, before?.upper),
		lower: sameOr({left: '', right: more, edge, title}, before?.lower),
		side: sameOr({edge, tones}, before?.side),
	};
	return sameOr(texts, before);
}
