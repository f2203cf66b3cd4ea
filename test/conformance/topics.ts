import {addresses} from './addresses.ts';
import {aio} from './aio.ts';
import {anonAndFiles} from './anonAndFiles.ts';
import {atomic} from './atomic.ts';
import {dmaCoherent} from './dmaCoherent.ts';
import {dmaDebug} from './dmaDebug.ts';
import {dmaMask} from './dmaMask.ts';
import {dmaPool} from './dmaPool.ts';
import {dmaSg} from './dmaSg.ts';
import {dmaStreaming} from './dmaStreaming.ts';
import {dmaSync} from './dmaSync.ts';
import {gup} from './gup.ts';
import {isaDma} from './isaDma.ts';
import {kmapTopic} from './kmap.ts';
import {kmapOld} from './kmapOld.ts';
import {mmapDriver} from './mmapDriver.ts';
import {mmErrno} from './mmErrno.ts';
import {modules} from './modules.ts';
import {processor} from './processor.ts';
import type {Topic} from './topic.ts';
import {vmaFlags} from './vmaFlags.ts';
import {vmaOps} from './vmaOps.ts';
import {vmaoracle} from './vmaoracle.ts';

/** Every kind of vector file that can be run, in the order in which they are asked. */
export const topics: readonly Topic[] = [
	vmaoracle,
	aio,
	vmaOps,
	mmErrno,
	mmapDriver,
	vmaFlags,
	anonAndFiles,
	gup,
	dmaPool,
	dmaMask,
	dmaCoherent,
	dmaStreaming,
	dmaSg,
	dmaSync,
	isaDma,
	dmaDebug,
	addresses,
	kmapTopic,
	kmapOld,
	atomic,
	processor,
	modules,
];
