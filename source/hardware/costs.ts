/**
 * What primitives cost, in nanoseconds of virtual time. The machine is a lab PC of 2005 (Pentium 4, 2.8 GHz, DDR
 * memory, an IDE or SATA disk), since that is where LDD3 was read. Orders of magnitude matter, not digits: direct I/O
 * has to lose against buffered I/O for small transfers and win for large ones, for the same reason as on real silicon.
 *
 * Sources: lmbench 3 figures published for that class of machine (null system call ~0.2 µs, page fault ~1.5 µs, context
 * switch ~2 µs, memory copy ~1 GB/s), disk data sheets (7200 rpm, ~8.5 ms average seek), and the PCI specification
 * (33 MHz × 32 bit, ~100 MB/s useful). Where only a ratio is known the comment says so.
 */
export const COST = {
	/** Entering and leaving the kernel (sysenter or int 0x80). */
	syscallNs: 200,
	/** Exception entry, error code, return. */
	faultEntryNs: 500,
	/** Interrupt entry, acknowledge, return. */
	interruptNs: 1_000,
	timerTickNs: 1_000,
	contextSwitchNs: 2_000,
	/** Page copy and clear at about 1 GB/s and 2 GB/s. */
	copyPageNs: 4_000,
	clearPageNs: 2_000,
	/** Per byte between user and kernel space; the same copy at 1 GB/s. */
	copyByteNs: 1,
	/** Buddy allocator without and with per-CPU list hit (ratio known: a list hit is several times cheaper). */
	allocPageNs: 300,
	allocPagePerCpuNs: 100,
	kmallocNs: 80,
	/** One page-table entry: lookup, write. */
	pteNs: 30,
	/** invlpg of one page, and a whole flush with the refills that follow it. */
	tlbFlushOneNs: 200,
	tlbFlushAllNs: 3_000,
	/** Inter-processor interrupt that a flush on the other CPU needs. */
	ipiNs: 2_000,
	kmapAtomicNs: 100,
	/** Finding, linking or cutting a VMA. */
	vmaNs: 400,
	/** Uncached access to a device register over PCI: the processor waits for the bus. */
	mmioReadNs: 1_000,
	mmioWriteNs: 200,
	portIoNs: 1_000,
	/** DMA set-up: streaming map of one buffer on a coherent machine, coherent allocation beyond its pages. */
	dmaMapNs: 150,
	dmaCoherentNs: 2_000,
	/** Taking or giving a dma_pool block: a lock and two loads, about what a kmalloc costs. */
	poolBlockNs: 80,
	/** Moving a byte over PCI at ~100 MB/s. */
	pciByteNs: 10,
	/** Looking up or changing one page of a file's cache (radix tree of a few levels: a few cache misses). */
	pageCacheNs: 150,
	/**
	 * A bio through the elevator, or a request ended: a few microseconds a request in all (ratio known to the disk:
	 * nothing).
	 */
	blockRequestNs: 1_500,
	/** Pinning one user page: table walk, reference. */
	pinPageNs: 200,
	/** Setting up and tearing down one control block of asynchronous I/O. */
	kiocbNs: 400,
	/**
	 * Taking one frame through the protocol layers; such machines forwarded some 300,000 to 400,000 small frames a
	 * second.
	 */
	netFrameNs: 3_000,
	/** Setting up or taking down one USB request above the pools: a few kmalloc-sized steps (ratio known to them). */
	urbNs: 500,
	wakeUpNs: 500,
	printkNs: 2_000,
} as const;
