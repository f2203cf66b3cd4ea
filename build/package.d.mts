/** What is published, file by file. */
type PackedFile = {readonly bytes?: Uint8Array; readonly mode?: number; readonly link?: string};
type Files = ReadonlyMap<string, PackedFile>;

export function packageFiles(root: string, dist: string, timeS?: number): Files;
export function npmPackage(files: Files, timeS?: number): Buffer;
export function debianPackage(files: Files, completion: string | Uint8Array, timeS?: number): Buffer;
