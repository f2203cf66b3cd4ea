/** lab/session: what was written to this machine, and how one like it is switched on. */
import {formatSession} from '../../formats/debugfs/lab/session.ts';
import type {LabState} from '../lab.ts';
import {chooseMachine, type LabMachine} from '../presets.ts';

/** Flags of `mmtop serve` for such a machine; what its preset has anyway is left out. */
function machineWords({preset, hardware, kernel, load, pace}: LabMachine): string {
	const {memBytes, cpus, seed, paging} = hardware;
	const usual = chooseMachine({preset, era: kernel.era});
	const isOther = memBytes !== usual.hardware.memBytes;
	const highmem = kernel.highmemBytes;
	return [
		`--machine ${preset} --era ${kernel.era} --seed ${seed}`,
		...(isOther ? [`--mem ${memBytes}`] : []),
		...(highmem !== undefined && (isOther || highmem !== usual.kernel.highmemBytes) ? [`--highmem ${highmem}`] : []),
		...(paging === 'pae' && usual.hardware.paging !== 'pae' ? ['--pae'] : []),
		...(cpus === usual.hardware.cpus ? [] : [`--cpus ${cpus}`]),
		...(load === usual.load || load === 'none' ? [] : [`--load ${load}`]),
		...(pace === usual.pace ? [] : [`--pace ${pace}`]),
	].join(' ');
}

export function sessionFile({k, machine, session}: LabState): string {
	const {nowNs, seq} = k.hw.timeline;
	return formatSession({timeNs: nowNs, events: seq, machine: machineWords(machine), writes: session()});
}
