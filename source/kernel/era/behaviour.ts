/**
 * Kernels that a machine can be built as, oldest first. `ldd3` is a composite: 2.6.11 under the signatures that the
 * labs use. `6.18` is one too: 6.1 with newer rules.
 */
export const ERA_NAMES = ['ldd3', '2.6.32', '3.2', '5.10', '6.1', '6.18'] as const;
export type EraName = (typeof ERA_NAMES)[number];

/** The eras from one on: up to the newest, or those before another. So a new era between them belongs to them. */
export function erasFrom(first: EraName, before?: EraName): readonly EraName[] {
	return ERA_NAMES.slice(ERA_NAMES.indexOf(first), before && ERA_NAMES.indexOf(before));
}

/** The eras before the one in which something changed. */
export const erasBefore = (changed: EraName): readonly EraName[] => erasFrom(ERA_NAMES[0], changed);

/** One named way in which kernels differ, with where that is known from. */
export type Behaviour<T> = {
	readonly source: string;
	readonly values: Readonly<Record<EraName, T>>;
};

/**
 * A behaviour from the eras in which it changed; each value holds until the next one named.
 * @param source Linux file and version, section of docs/sources.md, or recording under fixtures/ that shows it
 */
export function changes<T>(source: string, from: {readonly ldd3: T} & Partial<Record<EraName, T>>): Behaviour<T> {
	const values = {} as Record<EraName, T>;
	let value: T = from.ldd3;
	for (const name of ERA_NAMES) {
		if (name in from) value = from[name] as T;
		values[name] = value;
	}
	return {source, values};
}
