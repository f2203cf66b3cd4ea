/**
 * The interrupt controller: devices raise lines; each line leads to the CPU that its affinity names. What a CPU does
 * with a raised line is the kernel's business (`kernel/irq.ts` sets `deliver`).
 */
export class InterruptController {
	readonly lines: number;
	private readonly affinity: number[];
	deliver: (cpu: number, line: number) => void = () => {};

	constructor(lines: number) {
		this.lines = lines;
		this.affinity = new Array<number>(lines).fill(0);
	}

	setAffinity(line: number, cpu: number): void {
		this.affinity[line] = cpu;
	}

	affinityOf(line: number): number {
		return this.affinity[line] ?? 0;
	}

	/** A device asserts its (edge-triggered) line. */
	raise(line: number): void {
		this.deliver(this.affinityOf(line), line);
	}
}
