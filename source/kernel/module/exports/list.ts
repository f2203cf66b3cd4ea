/** All that modules may use of the kernel, in the order of its addresses. */
import type {Gate} from '../state.ts';
import {aioExports} from './aio.ts';
import {chrdevExports} from './chrdev.ts';
import {clockExports} from './clocks.ts';
import {debugfsExports} from './debugfs.ts';
import {deviceModelExports} from './deviceModel.ts';
import {deviceExports} from './devices.ts';
import {devresExports} from './devres.ts';
import {dmaExports} from './dma.ts';
import {fileExports} from './files.ts';
import {gupExports} from './gup.ts';
import {highmemExports} from './highmem.ts';
import {hrtimerExports} from './hrtimers.ts';
import {interruptExports} from './interrupt.ts';
import {ioExports} from './io.ts';
import {isaDmaExports} from './isaDma.ts';
import {lockingExports} from './locking.ts';
import {memoryExports} from './memory.ts';
import {miscExports} from './misc.ts';
import {mmExports} from './mm.ts';
import {moduleExports} from './modules.ts';
import {numberExports} from './numbers.ts';
import {pageExports} from './pages.ts';
import {pciExports} from './pci.ts';
import {pidExports} from './pids.ts';
import {printkExports} from './printk.ts';
import {procExports} from './procFiles.ts';
import {rcuExports} from './rcu.ts';
import {scatterlistExports} from './scatterlist.ts';
import {seqFileExports} from './seqFile.ts';
import {slabExports} from './slabs.ts';
import {spinlockExports} from './spinlock.ts';
import {stringExports} from './strings.ts';
import {sysfsExports} from './sysfs.ts';
import {taskExports} from './tasks.ts';
import {textExports} from './texts.ts';
import {timerExports} from './timers.ts';
import {uaccessExports} from './uaccess.ts';
import {uioExports} from './uio.ts';
import {vmallocExports} from './vmalloc.ts';
import {waitExports} from './wait.ts';
import {workExports} from './work.ts';

export const EXPORTS: readonly Gate[] = [
	...printkExports,
	...memoryExports,
	...miscExports,
	...stringExports,
	...fileExports,
	...uaccessExports,
	...lockingExports,
	...mmExports,
	...spinlockExports,
	...vmallocExports,
	...pageExports,
	...highmemExports,
	...gupExports,
	...ioExports,
	...interruptExports,
	...pciExports,
	...dmaExports,
	...scatterlistExports,
	...isaDmaExports,
	...aioExports,
	...uioExports,
	...deviceExports,
	...devresExports,
	...chrdevExports,
	...waitExports,
	...taskExports,
	...timerExports,
	...workExports,
	...clockExports,
	...debugfsExports,
	...deviceModelExports,
	...moduleExports,
	...numberExports,
	...procExports,
	...seqFileExports,
	...slabExports,
	...sysfsExports,
	...textExports,
	...hrtimerExports,
	...rcuExports,
	...pidExports,
];
