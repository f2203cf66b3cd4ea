/** Every experiment, chapter by chapter and in the order of the book; drivers with a mistake come last. */
import type {Experiment} from '../experiment.ts';
import {aioBurst} from './aioBurst.ts';
import {aioCancel} from './aioCancel.ts';
import {aioCapacity} from './aioCapacity.ts';
import {aioFsync} from './aioFsync.ts';
import {aioOrder} from './aioOrder.ts';
import {aioTouch} from './aioTouch.ts';
import {aioTwice} from './aioTwice.ts';
import {asyncDrivers} from './asyncDrivers.ts';
import {atomicKmaps} from './atomicKmaps.ts';
import {atomicSleep} from './atomicSleep.ts';
import {atomicTwice} from './atomicTwice.ts';
import {beyond4g} from './beyond4g.ts';
import {bookPrograms} from './bookPrograms.ts';
import {bounceOwnership} from './bounceOwnership.ts';
import {bounceToDevice} from './bounceToDevice.ts';
import {cacheLine} from './cacheLine.ts';
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
import {dmaBidirectional} from './dmaBidirectional.ts';
import {dmaMask} from './dmaMask.ts';
import {dmaMistake} from './dmaMistake.ts';
import {dmaNone} from './dmaNone.ts';
import {dmaTransfer} from './dmaTransfer.ts';
import {faultlessOps} from './faultlessOps.ts';
import {faultNopage} from './faultNopage.ts';
import {forkPin} from './forkPin.ts';
import {fragmentation} from './fragmentation.ts';
import {gupArguments} from './gupArguments.ts';
import {gupPartial} from './gupPartial.ts';
import {ioremapRegisters} from './ioremapRegisters.ts';
import {isaChannels} from './isaChannels.ts';
import {isaFlipFlop} from './isaFlipFlop.ts';
import {isaTransfer} from './isaTransfer.ts';
import {isaWide} from './isaWide.ts';
import {isaWrap} from './isaWrap.ts';
import {kernelSpace} from './kernelSpace.ts';
import {kernelThread} from './kernelThread.ts';
import {kmapCaching} from './kmapCaching.ts';
import {kmapLow} from './kmapLow.ts';
import {kmapStarvation} from './kmapStarvation.ts';
import {logicalAddressExperiment} from './logicalAddress.ts';
import {lostDirty} from './lostDirty.ts';
import {lowmemExhaustion} from './lowmemExhaustion.ts';
import {mapPagePart} from './mapPagePart.ts';
import {mapsFields} from './mapsFields.ts';
import {mmapSem} from './mmapSem.ts';
import {mremapGrowth} from './mremapGrowth.ts';
import {oomKiller} from './oomKiller.ts';
import {partialCowRemap} from './partialCowRemap.ts';
import {pinLeak} from './pinLeak.ts';
import {poolBoundary} from './poolBoundary.ts';
import {poolLeak} from './poolLeak.ts';
import {poolOrder} from './poolOrder.ts';
import {poolWaste} from './poolWaste.ts';
import {poolWork} from './poolWork.ts';
import {privateDevice} from './privateDevice.ts';
import {remapDevice} from './remapDevice.ts';
import {remapRam} from './remapRam.ts';
import {reservedPage} from './reservedPage.ts';
import {scullpFault} from './scullpFault.ts';
import {scullvFault} from './scullvFault.ts';
import {sgMerge} from './sgMerge.ts';
import {staleCache} from './staleCache.ts';
import {swiotlbLimit} from './swiotlbLimit.ts';
import {syncIocb} from './syncIocb.ts';
import {syncSg} from './syncSg.ts';
import {threadsShareMm} from './threadsShareMm.ts';
import {uncachedRegisters} from './uncachedRegisters.ts';
import {userWalk} from './userWalk.ts';
import {virtToBus} from './virtToBus.ts';
import {vmaFork} from './vmaFork.ts';
import {vmallocGuard} from './vmallocGuard.ts';
import {vmaOpenClose} from './vmaOpenClose.ts';
import {zoneFallback} from './zoneFallback.ts';

export const experiments: readonly Experiment[] = [
	userWalk,
	logicalAddressExperiment,
	kernelSpace,
	vmallocGuard,
	ioremapRegisters,
	zoneFallback,
	lowmemExhaustion,
	oomKiller,
	kmapCaching,
	kmapStarvation,
	kmapLow,
	atomicKmaps,
	atomicTwice,
	atomicSleep,
	mapsFields,
	threadsShareMm,
	mmapSem,
	kernelThread,
	vmaOpenClose,
	vmaFork,
	remapDevice,
	uncachedRegisters,
	privateDevice,
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
	gupArguments,
	lostDirty,
	forkPin,
	reservedPage,
	directRead,
	directAlignment,
	directCost,
	syncIocb,
	asyncDrivers,
	aioBurst,
	aioCapacity,
	aioOrder,
	aioCancel,
	aioFsync,
	virtToBus,
	dmaMask,
	dmaTransfer,
	bounceOwnership,
	bounceToDevice,
	dmaBidirectional,
	swiotlbLimit,
	beyond4g,
	staleCache,
	mapPagePart,
	cacheLine,
	sgMerge,
	syncSg,
	coherentAllocation,
	coherentReach,
	coherentCost,
	fragmentation,
	poolWork,
	poolWaste,
	poolOrder,
	poolBoundary,
	poolLeak,
	isaChannels,
	isaTransfer,
	isaWrap,
	isaWide,
	isaFlipFlop,
	pinLeak,
	aioTwice,
	aioTouch,
	dadForgetsUnmap,
	dadUnmapsTwice,
	dadWrongSize,
	dadWrongDirection,
	dadIgnoresMapError,
	dmaNone,
	dmaMistake,
];
