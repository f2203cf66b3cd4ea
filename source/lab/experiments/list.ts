/** Every experiment, in the order of the book. */
import type {Experiment} from '../experiment.ts';
import {aioBurst} from './aioBurst.ts';
import {aioCancel} from './aioCancel.ts';
import {aioCapacity} from './aioCapacity.ts';
import {aioOrder} from './aioOrder.ts';
import {aioTouch} from './aioTouch.ts';
import {aioTwice} from './aioTwice.ts';
import {atomicKmaps} from './atomicKmaps.ts';
import {atomicSleep} from './atomicSleep.ts';
import {atomicTwice} from './atomicTwice.ts';
import {bookPrograms} from './bookPrograms.ts';
import {bounceOwnership} from './bounceOwnership.ts';
import {bounceToDevice} from './bounceToDevice.ts';
import {coherentAllocation} from './coherentAllocation.ts';
import {coherentCost} from './coherentCost.ts';
import {coherentReach} from './coherentReach.ts';
import {dadForgetsUnmap} from './dadForgetsUnmap.ts';
import {dadIgnoresMapError} from './dadIgnoresMapError.ts';
import {dadUnmapsTwice} from './dadUnmapsTwice.ts';
import {dadWrongDirection} from './dadWrongDirection.ts';
import {dadWrongSize} from './dadWrongSize.ts';
import {deviceVmSize} from './deviceVmSize.ts';
import {directAlignment} from './directAlignment.ts';
import {directCost} from './directCost.ts';
import {directRead} from './directRead.ts';
import {dmaMask} from './dmaMask.ts';
import {dmaMistake} from './dmaMistake.ts';
import {dmaTransfer} from './dmaTransfer.ts';
import {faultlessOps} from './faultlessOps.ts';
import {faultNopage} from './faultNopage.ts';
import {forkPin} from './forkPin.ts';
import {fragmentation} from './fragmentation.ts';
import {gupPartial} from './gupPartial.ts';
import {ioremapRegisters} from './ioremapRegisters.ts';
import {isaChannels} from './isaChannels.ts';
import {isaFlipFlop} from './isaFlipFlop.ts';
import {isaTransfer} from './isaTransfer.ts';
import {isaWide} from './isaWide.ts';
import {isaWrap} from './isaWrap.ts';
import {kernelThread} from './kernelThread.ts';
import {kmapCaching} from './kmapCaching.ts';
import {kmapStarvation} from './kmapStarvation.ts';
import {logicalAddressExperiment} from './logicalAddress.ts';
import {lostDirty} from './lostDirty.ts';
import {lowmemExhaustion} from './lowmemExhaustion.ts';
import {mapPagePart} from './mapPagePart.ts';
import {mapsFields} from './mapsFields.ts';
import {mmapSem} from './mmapSem.ts';
import {mremapGrowth} from './mremapGrowth.ts';
import {partialCowRemap} from './partialCowRemap.ts';
import {pinLeak} from './pinLeak.ts';
import {poolLeak} from './poolLeak.ts';
import {poolOrder} from './poolOrder.ts';
import {poolWaste} from './poolWaste.ts';
import {poolWork} from './poolWork.ts';
import {remapDevice} from './remapDevice.ts';
import {remapRam} from './remapRam.ts';
import {scullpFault} from './scullpFault.ts';
import {scullvFault} from './scullvFault.ts';
import {sgMerge} from './sgMerge.ts';
import {staleCache} from './staleCache.ts';
import {swiotlbLimit} from './swiotlbLimit.ts';
import {syncIocb} from './syncIocb.ts';
import {threadsShareMm} from './threadsShareMm.ts';
import {uncachedRegisters} from './uncachedRegisters.ts';
import {userWalk} from './userWalk.ts';
import {virtToBus} from './virtToBus.ts';
import {vmallocGuard} from './vmallocGuard.ts';
import {vmaOpenClose} from './vmaOpenClose.ts';
import {zoneFallback} from './zoneFallback.ts';

export const experiments: readonly Experiment[] = [
	userWalk,
	logicalAddressExperiment,
	vmallocGuard,
	ioremapRegisters,
	zoneFallback,
	lowmemExhaustion,
	kmapCaching,
	kmapStarvation,
	atomicKmaps,
	atomicTwice,
	atomicSleep,
	mapsFields,
	threadsShareMm,
	mmapSem,
	kernelThread,
	vmaOpenClose,
	remapDevice,
	uncachedRegisters,
	partialCowRemap,
	scullpFault,
	bookPrograms,
	scullvFault,
	faultlessOps,
	faultNopage,
	mremapGrowth,
	deviceVmSize,
	remapRam,
	gupPartial,
	lostDirty,
	forkPin,
	pinLeak,
	directRead,
	directAlignment,
	directCost,
	syncIocb,
	aioBurst,
	aioCapacity,
	aioOrder,
	aioCancel,
	aioTwice,
	aioTouch,
	virtToBus,
	dmaMask,
	dmaTransfer,
	bounceOwnership,
	bounceToDevice,
	swiotlbLimit,
	staleCache,
	mapPagePart,
	sgMerge,
	coherentAllocation,
	coherentReach,
	coherentCost,
	fragmentation,
	poolWork,
	poolWaste,
	poolOrder,
	poolLeak,
	dadForgetsUnmap,
	dadUnmapsTwice,
	dadWrongSize,
	dadWrongDirection,
	dadIgnoresMapError,
	dmaMistake,
	isaChannels,
	isaTransfer,
	isaWrap,
	isaWide,
	isaFlipFlop,
];
