/** Devices by their numbers. @see Documentation/devices.txt, 2.6.11 */

const firstMajorOfDisks = 8;
/** Majors of the seventeenth disk and of those after it, sixteen disks each. */
const furtherMajors = [65, 66, 67, 68, 69, 70, 71];

/** Block devices: a character device holds no files. */
const majors: ReadonlyMap<number, string> = new Map([
	[1, 'a RAM disk'],
	[2, 'a floppy disk'],
	[3, 'a disk of the first IDE controller'],
	[7, 'a loop device: a file that stands for a disk'],
	[9, 'an array of disks (md)'],
	[11, 'a CD-ROM that speaks SCSI (sr)'],
	[22, 'a disk of the second IDE controller'],
	[43, 'a disk across the network (nbd)'],
]);

/** Disks of one major number, and minor numbers of one disk. */
const [disksOf, partsOf] = [16, 16];

/** `a` to `z`, then `aa`. */
function letters(index: number): string {
	const last = String.fromCharCode(97 + (index % 26));
	return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/** @param block of sixteen disks */
function diskName(block: number, minor: number): string {
	const disk = `/dev/sd${letters(block * disksOf + Math.floor(minor / partsOf))}`;
	const part = minor % partsOf;
	return part === 0 ? `${disk}, the whole disk` : `${disk}${part}, part ${part} of disk ${disk}`;
}

/** What holds a file, by the device that `maps` prints. */
export function deviceSays(major: number, minor: number): string {
	if (major === 0 && minor === 0) return 'no device: there is no file behind it';
	if (major === 0) return `no disk: a file system in memory (number ${minor}), such as tmpfs`;
	if (major === firstMajorOfDisks) return diskName(0, minor);
	const further = furtherMajors.indexOf(major);
	if (further >= 0) return diskName(further + 1, minor);
	return majors.get(major) ?? 'another block device';
}
