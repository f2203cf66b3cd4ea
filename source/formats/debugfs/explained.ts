/** An address that exists, or why it does not: `06a31000`, or `- high memory has no logical address`. */

import {addressCell, type Cell, sentence} from '../cells.ts';

export type ExplainedAddress = {readonly address: number} | {readonly reason: string};

export const explained: Cell<ExplainedAddress> = {
	align: 'left',
	show: value => ('address' in value ? addressCell.show(value.address) : `- ${sentence.show(value.reason)}`),
	read: text => (text.startsWith('- ') ? {reason: sentence.read(text.slice(2))} : {address: addressCell.read(text)}),
};
