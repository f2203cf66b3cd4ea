/** What was on the disk when the machine was installed. Sizes in pages of 4096 bytes. */
export const database = {path: '/data/table.db', pages: 8_192} as const;
export const bigLog = {path: '/var/log/big.log', pages: 16_384} as const;

export const installed: readonly {readonly path: string; readonly pages: number}[] = [
	{path: '/sbin/init', pages: 8},
	{path: '/bin/sh', pages: 24},
	{path: '/bin/sort', pages: 16},
	{path: '/bin/ps', pages: 20},
	{path: '/bin/grep', pages: 20},
	{path: '/usr/bin/make', pages: 40},
	{path: '/usr/sbin/dbwriter', pages: 60},
	{path: '/usr/local/bin/lab', pages: 12},
	{path: '/lib/ld-linux.so.2', pages: 22},
	{path: '/lib/libc.so.6', pages: 280},
	{path: '/home/student/notes.txt', pages: 12},
	database,
	bigLog,
];
