export const standInNames: readonly string[];
export const standInUsers: string[];
export const standInFor: (specifier: string, importer?: string) => string | undefined;
