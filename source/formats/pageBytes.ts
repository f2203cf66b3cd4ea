/** Bytes of a page. The files are those of an i386, whose pages have 4 KiB; `hardware/address.ts` has the machine's. */
export const pageBytes = 4096;
