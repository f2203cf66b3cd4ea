/** Pictures of mechanisms: at most 12 rows of 72 columns, in ASCII, so that any terminal and any page shows them. */

const rows = (text: string): readonly string[] => text.replace(/^\n/, '').trimEnd().split('\n');

const diagrams = {
	addresses: rows(`
0xffffffff +-----------------------+
           | fixmap: kmap_atomic   | a page table of its own
           | pkmap: kmap()         | a page table of its own
           | vmalloc(), ioremap()  | pages from anywhere
           +-----------------------+ high_memory
           | low memory            | physical address + 0xc0000000
0xc0000000 +-----------------------+ PAGE_OFFSET
           | user addresses        | page tables of each process
0x00000000 +-----------------------+
`),
	walk: rows(`
  31          22 21          12 11           0
 +--------------+--------------+--------------+
 |  directory   |    table     |    offset    |   a virtual address
 +------+-------+------+-------+------+-------+
        |              |              |
 cr3 -> pgd entry ---> pte ------> frame + offset = physical address
        not present?   not present?
        page fault     page fault
`),
	zones: rows(`
 0        16 MiB              896 MiB at most          end of RAM
 +---------+------------------------+----------------------+
 |   DMA   |         Normal         |       HighMem        |
 +---------+------------------------+----------------------+
 |<-------- has logical addresses ->|<- has none ----------|

 __GFP_HIGHMEM  tries HighMem, then Normal, then DMA
 GFP_KERNEL     tries          Normal, then DMA
 GFP_DMA        tries                       DMA only
`),
	pkmap: rows(`
 pkmap_count   0        1          2          3
             +------+----------+----------+----------+
 entry       | free | mapped,  | mapped,  | mapped,  |  ... 1024 of
             |      | unused   | one user | two users|  them
             +------+----------+----------+----------+
                ^        |          ^
                |        |          +-- kmap():   one more
                |        +-- kunmap() of the last user leaves it here
                +-- flush_all_zero_pkmaps(), when the search wraps
`),
	atomicSlots: rows(`
              CPU 0                      CPU 1
 2.6.11,   +-----------+-----------+   +-----------+-----------+
 2.6.32:   | KM_USER0  | KM_USER1  |   | KM_USER0  | KM_USER1  | ...
           +-----------+-----------+   +-----------+-----------+
           the caller names the slot

 2.6.37 on:  | 1st | 2nd | 3rd | ...   a stack: the next slot is taken,
             +-----+-----+-----+       the last one is given back first
`),
	areas: rows(`
 mm_struct --- vm_area_struct --- vm_area_struct --- vm_area_struct
 (mm_users)    program's code     memory              /dev/simple0
    |          vm_file             no file            vm_file, vm_ops
    |                                                 .open  .close
    |                                                 .fault
    +--- pgd --- page tables: what the CPU looks at
                 an area without an entry: a page fault asks the area
`),
	remapOrFault: rows(`
          at once                          page by page
 mmap()  remap_pfn_range()          mmap()  sets vm_ops, no entry
           |                                  |
           v                                  |   first touch
         pte pte pte pte            fault <---+
                                      |  driver: which page?
 no reference, not in rss           .fault() gives a struct page
 device memory, registers           get_page(): a reference each
                                      v
                                     pte
`),
	cow: rows(`
 before fork()         after fork()          the parent writes
 parent pte (w)        parent pte (r)        parent pte (w) --> copy
    |                     |  child pte (r)                child pte (r)
    v                     v  v                                |
  frame  <-- device     frame  <-- device               frame <-- device
`),
	pin: rows(`
 user page -- pte ----+
                      v
                    frame  _count = 1 for the mapping
                      ^            + 1 for each get_user_pages()
 driver -- pages[] ---+
 munmap() takes the pte and one count away; the frame is free only at 0
 after DMA into it:  set_page_dirty_lock(), then page_cache_release()
`),
	directIo: rows(`
 buffered read:   disk --DMA--> page cache --copy--> user page
 direct read:     disk --DMA--------------------->  user page
                                                    pinned meanwhile

 again:           buffered: a copy         direct: the disk once more
`),
	aio: rows(`
 io_submit() --> kiocb --> file's aio_read() --> device
     |                        |                    |
     | returns at once   -EIOCBQUEUED              | interrupt
     v                                             v
 program goes on                            aio_complete(kiocb)
     |                                             |
     v            ring of events in user memory    v
 io_getevents() <-- head | . | E | E | . | tail <--+  kiocb is freed
`),
	bounce: rows(`
 CPU        driver's buffer          bounce buffer         device
  |  writes      |                        |                  |
  |------------->|  dma_map: copy ------->|                  |
  |              |                        |<--- reads -------|
  |              |                        |<--- writes ------|
  |              |<-- sync_for_cpu, or ---|                  |
  |<-- reads ----|    unmap: copy         |                  |
 A copy is made at map, sync and unmap only, as the direction says.
`),
	iommu: rows(`
 frames        0x11a9     0x0347     0x2c10      anywhere in RAM
                  ^          ^          ^
 IOMMU table   [ entry ][ entry ][ entry ]       a page each
                  ^          ^          ^
 bus address   0xd00a1000 0xd00a2000 0xd00a3000  side by side
                          ^
                        device: one address, one length
`),
	cacheLine: rows(`
 one line of 32 bytes:   | CPU's bytes . . . | device's bytes . . . . |
                                             ^ the part begins here
 in the cache            | 0x22  (new)       | old                    |
 in memory               | 0x11              | 0x99 by the device     |
 unmap throws the line away: the device's bytes are seen, 0x22 is lost
`),
	ownership: rows(`
        dma_map_single()                      dma_unmap_single()
 CPU's ------------------> device's buffer -------------------> CPU's
                              |        ^
            sync_for_cpu()    v        |   sync_for_device()
                            the CPU may look
 dma-debug notes each mapping: device, address, size, direction,
 and compares what the driver says when it gives it back.
`),
	pool: rows(`
 dma_pool_create(size 64) : no memory yet
 dma_pool_alloc()         : a coherent page is cut into blocks
 +----+----+----+----+----+----+-- ... --+
 |busy|busy|free|free|busy|free|         |   one page, one bus range
 +----+----+----+----+----+----+-- ... --+
 dma_pool_free()          : the block is free, the page stays
 dma_pool_destroy()       : pages go back, if no block is out
`),
	isa: rows(`
 page register     address register (counts up)
 +--------+        +----------------+
 |  0x12  |        |     0x3456     |   8-bit channel:  0x123456
 +--------+        +----------------+
 bits 23..16       bits 15..0           wraps at 64 KiB: 0xffff -> 0
 never counts
 channels 5 to 7 : the address register holds half of bits 16..0,
                   a unit is a word, it wraps at 128 KiB
`),
} as const;

export type DiagramName = keyof typeof diagrams;

export const diagram = (name: DiagramName): readonly string[] => diagrams[name];

export const diagramNames = Object.keys(diagrams) as DiagramName[];
