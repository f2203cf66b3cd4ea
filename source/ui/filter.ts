/** Leaves only the rows of a content that contain a text, upper and lower case alike. */

import type {Content, ListRows} from './content.ts';
import {lineText} from './lines.ts';

const filterRows = (rows: ListRows, text: string): ListRows => {
	const kept: number[] = [];
	for (let index = 0; index < rows.count; index++) {
		if (rows.idAt(index) !== undefined && lineText(rows.lineAt(index)).toLowerCase().includes(text)) {
			kept.push(index);
		}
	}
	return {
		count: kept.length,
		idAt: index => rows.idAt(kept[index] ?? -1),
		lineAt: index => rows.lineAt(kept[index] ?? -1),
		pfnAt: index => rows.pfnAt(kept[index] ?? -1),
	};
};

export const filterContent = (content: Content, text: string): Content =>
	text === '' ? content : {...content, rows: filterRows(content.rows, text.toLowerCase())};
