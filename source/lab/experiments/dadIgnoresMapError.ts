import type {Experiment} from '../experiment.ts';
import {dadBug} from './dadBug.ts';

export const dadIgnoresMapError: Experiment = dadBug({
	name: 'dad-ignores-map-error',
	title: 'A driver that trusts its mapping',
	claim: 'Unmapping an address that was never tested with dma_mapping_error() is caught by dma-debug, since 3.9.',
	comm: 'dadtrust',
	bug: 'ignores map error',
	says: 'failed to check map error',
	eras: ['5.10', '6.1', '6.18'],
});
