/** What CPUID says of the processor: "GenuineIntel", family 6; with TSC, CMPXCHG8B and CMOV, without floating point. */
export const VENDOR = 'GenuineIntel';
export const CPUID_LEVEL = 1;
export const FAMILY = 6;
export const MODEL = 8;
export const STEPPING = 3;
/** What Linux calls that family and model. @see arch/i386/kernel/cpu/intel.c */
export const MODEL_NAME = 'Pentium III (Coppermine)';
const TSC = 4;
const CX8 = 8;
const CMOV = 15;

/** Names of Linux's for the features that there are, in the order of their bits. */
export const FEATURES: readonly (readonly [bit: number, name: string])[] = [
	[TSC, 'tsc'],
	[CX8, 'cx8'],
	[CMOV, 'cmov'],
];

const bytes = [...VENDOR].map(letter => letter.charCodeAt(0));
const vendorWord = (at: number) => bytes.slice(at, at + 4).reduceRight((word, byte) => (word << 8) | byte, 0);

/** What EAX, EBX, ECX and EDX hold after CPUID. @param leaf what EAX held */
export function cpuidWords(leaf: number): readonly [eax: number, ebx: number, ecx: number, edx: number] {
	if (leaf === 0) return [CPUID_LEVEL, vendorWord(0), vendorWord(8), vendorWord(4)];
	if (leaf > CPUID_LEVEL) return [0, 0, 0, 0];
	const signature = (FAMILY << 8) | (MODEL << 4) | STEPPING;
	return [signature, 0, 0, FEATURES.reduce((bits, [bit]) => bits | (1 << bit), 0)];
}

/**
 * Where each CPU is, as Linux learns it from CPUID: a core has no threads, so the socket is the APIC id in the topmost
 * byte of EBX, which is 0 on all of them.
 * @see arch/x86/kernel/cpu/common.c generic_identify(), detect_ht()
 */
export const CORE = 0;
export const SOCKET = cpuidWords(1)[1] >>> 24;
