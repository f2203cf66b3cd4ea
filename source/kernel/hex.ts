/** Addresses and numbers as the kernel's %08lx, %05lx and %04x print them. */
export const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
export const hex5 = (value: number): string => value.toString(16).padStart(5, '0');
export const hex4 = (value: number): string => value.toString(16).padStart(4, '0');
