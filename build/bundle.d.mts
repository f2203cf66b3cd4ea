import type {Metafile} from 'esbuild';

export function bundle(outfile: string): Promise<Metafile>;
/** What runs as mmtop's bundle does, from any file of the repository. */
export function bundleOf(entry: string, outfile: string): Promise<Metafile>;
