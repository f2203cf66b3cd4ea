/** The page pane: the followed frame, in every kind of address at once. */

import type {PageInfo} from '../formats/debugfs/page.ts';
import type {Translate} from '../formats/debugfs/translate.ts';

export type PageModel = {
	readonly page: PageInfo;
	readonly translate: Translate | undefined;
	/** Keys of `PageInfo` whose value differs from the sample before. */
	readonly changed: ReadonlySet<string>;
};

export function pageModel(page: PageInfo, translate: Translate | undefined, older: PageModel | undefined): PageModel {
	if (older?.page === page && older.translate === translate) return older;
	const before = older?.page.pfn === page.pfn ? older.page : undefined;
	const keys = Object.keys(page) as (keyof PageInfo)[];
	const changed = before ? keys.filter(key => JSON.stringify(page[key]) !== JSON.stringify(before[key])) : [];
	return {page, translate, changed: new Set(changed)};
}
