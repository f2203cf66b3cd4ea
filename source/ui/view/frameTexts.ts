/** What stands in a frame: parts that stay the same objects while they say the same, for each is drawn by itself. */

import type {Tone} from '../terminal/theme.ts';
import {sameOr} from './keep.ts';

export type EdgeTexts = {readonly left: string; readonly right: string; readonly isFocused: boolean};

export type SideTexts = {
	readonly isFocused: boolean;
	/** What the rows within are toned with, selected ones say: the frame is it beside them. */
	readonly tones: readonly (Tone | undefined)[];
};

export type FrameTexts = {readonly upper: EdgeTexts; readonly lower: EdgeTexts; readonly side: SideTexts};

type FrameParts = {
	readonly title: string;
	/** In the upper edge, at its right end. */
	readonly aside: string;
	/** In the lower one: what of a list lies outside. */
	readonly more: string;
	readonly isFocused: boolean;
	/** Of each row within. */
	readonly tones: readonly (Tone | undefined)[];
};

export function frameTexts(parts: FrameParts, before: FrameTexts | undefined): FrameTexts {
	const {title, aside, more, isFocused} = parts;
	const tones = sameOr(parts.tones, before?.side.tones);
	const texts = {
		upper: sameOr({left: title, right: aside, isFocused}, before?.upper),
		lower: sameOr({left: '', right: more, isFocused}, before?.lower),
		side: sameOr({isFocused, tones}, before?.side),
	};
	return sameOr(texts, before);
}
