export function bundledPackages(metafile: {readonly inputs: object}): string[];
export function noticesFor(root: string, metafile: {readonly inputs: object}): Promise<string>;
export function asComment(notices: string): string;
