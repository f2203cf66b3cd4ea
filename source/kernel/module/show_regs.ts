/**
 * Models the control registers of __show_regs() (arch/x86/kernel/dumpstack.c, process_32.c), and
 * what the page tables have for an address (arch/x86/mm/fault.c): what a report shows of the processor.
 *
 * Not modelled: the line of the page tables with PAE, which begins with `*pdpt`.
 */
import {kernelAddress} from '../../hardware/address.ts';
import {EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP} from '../../hardware/cpu/core.ts';
import type {Registers} from '../../hardware/cpu/processor.ts';
import {hex4, hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {kernelToPhysical, kread} from '../mm/access.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {printk} from '../printk.ts';
import {codeLine} from '../show_opcodes.ts';

/** Code of the kernel or of a module, where it is mapped. */
function kernelCode(k: Kernel, at: number, count: number): Uint8Array | undefined {
	const isThere = [at, at + count - 1].every(
		each => each >= PAGE_OFFSET && kernelToPhysical(k, kernelAddress(each)) !== undefined,
	);
	return isThere ? kread(k, kernelAddress(at), count) : undefined;
}

/** What head_32.S sets: PG, AM, WP, NE, ET, MP, PE. */
const CR0_STATE = 0x8005_0033;
/** Without a floating-point unit its instructions trap. @see fpu__init_cpu_generic() */
const X86_CR0_EM = 0x4;

const X86_CR4_PSE = 0x10;
const X86_CR4_PAE = 0x20;
const X86_CR4_PGE = 0x80;

/** Large pages and global ones are in the kernel's tables; of what else CR4 could switch on, CPUID has nothing. */
const cr4Of = ({hw}: Kernel): number => X86_CR4_PSE | X86_CR4_PGE | (hw.paging.mode === 'pae' ? X86_CR4_PAE : 0);

/** What stands behind the place of an oops. @param cr2 the address that faulted last */
export function registerLines(k: Kernel, regs: Registers, cr2: number): readonly string[] {
	const r = (n: number) => hex8(regs.general[n]! >>> 0);
	const general = [
		`EAX: ${r(EAX)} EBX: ${r(EBX)} ECX: ${r(ECX)} EDX: ${r(EDX)}`,
		`ESI: ${r(ESI)} EDI: ${r(EDI)} EBP: ${r(EBP)} ESP: ${r(ESP)}`,
	];
	if (!k.era.oopsShowsControl) return general;
	const [es = '', , ss = '', ds = '', fs = '', gs = ''] = Array.from(regs.selectors, selector => hex4(selector));
	const cr3 = hex8(k.cpu.current.active_mm?.pgd ?? k.layout.swapper_pg_dir);
	return [
		codeLine(k, regs.eip, (at, count) => kernelCode(k, at, count)),
		...general,
		`DS: ${ds} ES: ${es} FS: ${fs} GS: ${gs} SS: ${ss} EFLAGS: ${hex8(regs.flags >>> 0)}`,
		`CR0: ${hex8(CR0_STATE + X86_CR0_EM)} CR2: ${hex8(cr2)} CR3: ${cr3} CR4: ${hex8(cr4Of(k))}`,
	];
}

/** The entries that the page tables have for an address. @see show_fault_oops(), dump_pagetable() */
export function showPageTable(k: Kernel, address: number): void {
	const {paging, ram} = k.hw;
	if (paging.entryBytes === 8) return;
	const pgd = k.cpu.current.active_mm?.pgd ?? k.layout.swapper_pg_dir;
	const word = (table: number, index: number) => ram.read32((table + 4 * index) as typeof pgd);
	const pde = word(pgd, address >>> 22);
	const isTable = (pde & 0x81) === 1 && ram.holds((pde & ~4095) >>> 0, 4096);
	const pte = isTable ? `*pte = ${hex8(word((pde & ~4095) >>> 0, (address >>> 12) & 1023))} ` : '';
	printk(k, k.era.pageTableLevel, `*pde = ${hex8(pde)} ${pte}`);
}
