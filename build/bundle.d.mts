import type {Metafile} from 'esbuild';

export function bundle(outfile: string): Promise<Metafile>;
