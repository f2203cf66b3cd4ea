/** Devices by their numbers. @see Documentation/devices.txt, 2.6.11 */

const majors: Readonly<Record<number, string>> = {
	1: 'memory devices (/dev/mem, /dev/null, /dev/zero)',
	2: 'floppy disks',
	3: 'the first IDE controller',
	4: 'consoles and serial lines',
	5: 'other terminals',
	7: 'loop devices',
	8: 'disks that speak SCSI, or behave so (sd)',
	9: 'arrays of disks',
	10: 'small drivers that share a number (misc)',
	11: 'CD-ROMs that speak SCSI',
	13: 'input devices',
	29: 'frame buffers',
	189: 'USB devices',
};

const disksOf = 16;

function diskName(minor: number): string {
	const disk = `/dev/sd${String.fromCharCode(97 + (Math.floor(minor / disksOf) % 26))}`;
	const part = minor % disksOf;
	return part === 0 ? `${disk}, the whole disk` : `${disk}${part}, part ${part} of disk ${disk}`;
}

/** What holds a file, by the device that `maps` prints. */
export function deviceSays(major: number, minor: number): string {
	if (major === 0 && minor === 0) return 'no device: there is no file behind it';
	if (major === 0) return `no disk: a file system in memory (number ${minor}), such as tmpfs`;
	if (major === 8) return diskName(minor);
	return majors[major] ?? 'a driver that got a free number';
}
