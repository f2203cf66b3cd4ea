/**
 * Structures of the kernel as C sees them: one table from which both headers/include/mmtop/layouts.h and the kernel's
 * own offsets come, so that they cannot differ. Names are Linux's; the order is ours, and the same in every era: what
 * an era lacks is a hole.
 */
import {basic} from './structures/basic.ts';
import {devices} from './structures/devices.ts';
import {methods} from './structures/methods.ts';
import {perCall} from './structures/perCall.ts';
import {windowed} from './structures/windowed.ts';

export type {Field, Structure} from './structures/field.ts';

export const STRUCTURES = {...basic, ...methods, ...devices, ...perCall, ...windowed} as const;
export type StructureName = keyof typeof STRUCTURES;
